import { RpcError } from '@frameport/protocol'
import { implement, type Upload } from '@frameport/server'
import { chat } from '../../chat-contract.ts'
import type { Receipt } from '../../file-contract.ts'
import { limits } from '../../limits.ts'
import type { ChatContext } from '../chat-context.ts'
import type { Offer } from './offer.ts'
import { relay } from './relay.ts'
import type { Taker } from './taker.ts'

export const fileHandlers = implement(chat)
  .$context<ChatContext>()
  .at('files', {
    async *offer({ input, upload, context: { service, visitor, clock, log }, signal, errors }) {
      const outcome = service.offers.offer(visitor, input)
      if (!outcome.ok) {
        const { refusal } = outcome
        if (refusal.code === 'FILES_FULL')
          throw errors.FILES_FULL({ of: refusal.of, filesMax: refusal.filesMax })
        if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
        throw errors.NOT_IN_ROOM({})
      }
      const offer = outcome.value
      const { file, bytes } = offer.facts
      log.info({ file, bytes }, 'a file is offered')
      const end = () => offer.finish(wasCancelled(signal) ? 'cancelled' : 'lost')
      signal.addEventListener('abort', end, { once: true })
      void relay(offer, upload, clock)
      try {
        yield* offer.news
      } finally {
        offer.finish('cancelled')
        log.info({ file, end: offer.end }, 'a file is over')
      }
      if (offer.end !== undefined && offer.end !== 'done') throw errors.OFFER_ENDED({ why: offer.end })
    },

    async *take({ input, upload, context: { service, visitor, clock }, errors }) {
      const outcome = service.offers.take(visitor, input.file)
      if (!outcome.ok) {
        const { refusal } = outcome
        if (refusal.code === 'FILES_FULL')
          throw errors.FILES_FULL({ of: refusal.of, filesMax: refusal.filesMax })
        if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
        throw errors[refusal.code]({})
      }
      const { offer, taker } = outcome.value
      void readReceipt(offer, taker, upload)
      try {
        const early = yield* taker.chunks()
        if (early === undefined) {
          const stopTimer = clock.after(limits.fileReceiptMs, () => offer.takerEnded(taker, 'silent'))
          await taker.stopped()
          stopTimer()
        } else if ('offer' in early) {
          throw errors.OFFER_ENDED({ why: early.offer })
        } else if (early.taker === 'slow') {
          throw errors.TOO_SLOW({ stallMs: limits.fileStallMs })
        }
      } finally {
        offer.takerEnded(taker, 'left')
        upload.stop()
      }
    },

    decline({ input, context: { service, visitor }, errors }) {
      const outcome = service.offers.decline(visitor, input.file)
      if (outcome.ok) return
      const { refusal } = outcome
      if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
      throw errors[refusal.code]({})
    },

    list({ context: { service, visitor }, errors }) {
      if (visitor.room === undefined) throw errors.NOT_IN_ROOM({})
      return { files: service.offers.openIn(visitor.room) }
    },
  })

/**
 * Reads what a taker says of the file. One that could not be saved is said at once; before its end, nothing else is to be
 * believed.
 */
async function readReceipt(offer: Offer, taker: Taker, upload: Upload<Receipt>): Promise<void> {
  try {
    const receipt = (await upload.next()).value
    if (receipt !== undefined)
      offer.takerEnded(taker, taker.hasAll || receipt.end === 'failed' ? receipt.end : 'left')
  } catch {
    // The call was aborted: its taker has stopped, or is gone.
    offer.takerEnded(taker, 'left')
  }
}

function wasCancelled({ reason }: AbortSignal): boolean {
  return RpcError.is(reason) && reason.code === 'CANCELLED'
}
