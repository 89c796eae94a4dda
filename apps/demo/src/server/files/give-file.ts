import type { Upload } from '@frameport/server'
import type { ChatClock } from '../../chat-clock.ts'
import type { OfferEnd, Receipt } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { Offer } from './offer.ts'
import type { TakenHere } from './offers.ts'
import type { Taker } from './taker.ts'

/** The reason why a transfer ended before its taker had the whole file. */
export type Unfinished =
  | { readonly code: 'OFFER_ENDED'; readonly why: OfferEnd }
  | { readonly code: 'TOO_SLOW'; readonly stallMs: number }

/**
 * Yields the bytes of a file to one taker, and waits for the receipt. If the caller stops reading, the taker has left.
 *
 * @returns the reason for an early end; undefined when the taker has received everything, or has left
 */
export async function* giveFile(
  { offer, taker }: TakenHere,
  upload: Upload<Receipt>,
  clock: ChatClock,
): AsyncGenerator<Uint8Array, Unfinished | undefined, undefined> {
  void readReceipt(offer, taker, upload)
  try {
    const early = yield* taker.chunks()
    if (early === undefined) {
      const stopTimer = clock.after(limits.fileReceiptMs, () => offer.takerEnded(taker, 'silent'))
      await taker.stopped()
      stopTimer()
    } else if ('offer' in early) {
      return { code: 'OFFER_ENDED', why: early.offer }
    } else if (early.taker === 'slow') {
      return { code: 'TOO_SLOW', stallMs: limits.fileStallMs }
    }
    return undefined
  } finally {
    offer.takerEnded(taker, 'left')
    upload.stop()
  }
}

/**
 * Reads the receipt of a taker. A failure to save the file is accepted at any time. Before the end of the file, no
 * other receipt is trusted.
 */
async function readReceipt(offer: Offer, taker: Taker, upload: Upload<Receipt>): Promise<void> {
  try {
    const receipt = (await upload.next()).value
    if (receipt !== undefined)
      offer.takerEnded(taker, taker.hasAll || receipt.end === 'failed' ? receipt.end : 'left')
  } catch {
    // The call was aborted: the taker has stopped, or is gone.
    offer.takerEnded(taker, 'left')
  }
}
