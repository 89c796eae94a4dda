import type { Upload } from '@frameport/server'
import type { ChatClock } from '../../chat-clock.ts'
import { sha256Bytes } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { Offer } from './offer.ts'
import type { Taker } from './taker.ts'

/**
 * Carries a file from its sender to its takers, piece by piece. It reads the next piece when every taker has room, so
 * the slowest taker sets the pace. A taker that is too slow for too long is left out. Never rejects.
 */
export async function relay(offer: Offer, upload: Upload<Uint8Array>, clock: ChatClock): Promise<void> {
  const stop = () => upload.stop()
  offer.over.addEventListener('abort', stop, { once: true })
  try {
    await offer.begun()
    for (let leftBytes = offer.facts.bytes + sha256Bytes; leftBytes > 0; ) {
      const chunk = await nextChunk(offer, upload, clock)
      if (offer.over.aborted) return
      const length = chunk?.length ?? 0
      if (chunk === undefined || length > Math.min(limits.fileChunkBytesMax, leftBytes))
        return offer.finish('broken')
      leftBytes -= length
      await waitFor(offer, clock, ({ hasRoom }) => hasRoom)
      offer.give(chunk)
    }
    offer.complete()
    await waitFor(offer, clock, ({ hasAll }) => hasAll)
    upload.stop()
  } catch {
    // The call of the sender has ended, which also ended the offer, or one of its items is not valid.
    offer.finish('broken')
  } finally {
    offer.over.removeEventListener('abort', stop)
  }
}

/** The next piece; undefined at the end of the upload. An offer whose sender sends nothing for too long is finished. */
async function nextChunk(
  offer: Offer,
  upload: Upload<Uint8Array>,
  clock: ChatClock,
): Promise<Uint8Array | undefined> {
  const stopTimer = clock.after(limits.fileStallMs, () => offer.finish('stalled'))
  try {
    return (await upload.next()).value
  } finally {
    stopTimer()
  }
}

/**
 * Settles when every taker is `ready`. It leaves out takers for whom the others have waited too long, and tells the
 * sender about waits that a person notices.
 */
async function waitFor(offer: Offer, clock: ChatClock, ready: (taker: Taker) => boolean): Promise<void> {
  const shownAtMs = clock.nowMs() + limits.fileStandsShownMs
  let isShown = false
  for (;;) {
    const slow = offer.takers.filter((taker) => !ready(taker))
    if (slow.length === 0) break
    for (const taker of slow) taker.waitBegins()
    const untilShownMs = isShown ? [] : [shownAtMs - clock.nowMs()]
    await offer.change(Math.min(...untilShownMs, ...slow.map(({ patienceMs }) => patienceMs)))
    for (const taker of slow) {
      taker.waitEnds()
      if (taker.patienceMs === 0) offer.takerEnded(taker, 'slow')
    }
    if (isShown || clock.nowMs() < shownAtMs) continue
    isShown = true
    offer.tellStanding(slow.filter(({ isOver }) => !isOver))
  }
  if (isShown) offer.tellStanding([])
}
