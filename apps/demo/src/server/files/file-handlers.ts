import { RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { chat } from '../../chat-contract.ts'
import type { ChatContext } from '../chat-context.ts'
import { giveFile } from './give-file.ts'
import { relay } from './relay.ts'

export const fileHandlers = implement(chat)
  .$context<ChatContext>()
  .at('files', {
    async *offer({ input, upload, context: { service, visitor, clock, log }, signal, errors }) {
      const outcome = await service.offers.offer(visitor, input)
      if (!outcome.ok) {
        const { refusal } = outcome
        if (refusal.code === 'FILES_FULL')
          throw errors.FILES_FULL({ of: refusal.of, filesMax: refusal.filesMax })
        if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
        if (refusal.code === 'SERVERS_APART') throw errors.SERVERS_APART({})
        throw errors.NOT_IN_ROOM({})
      }
      const offer = outcome.value
      const { file, bytes } = offer.facts
      log.info({ file, bytes }, 'a file was offered')
      const end = () => offer.finish(wasCancelled(signal) ? 'cancelled' : 'lost')
      signal.addEventListener('abort', end, { once: true })
      // The sender may have left while the other servers were being notified.
      if (signal.aborted) end()
      void relay(offer, upload, clock)
      try {
        yield* offer.news
      } finally {
        offer.finish('cancelled')
        log.info({ file, end: offer.end }, 'the offer of a file is over')
      }
      if (offer.end !== undefined && offer.end !== 'done') throw errors.OFFER_ENDED({ why: offer.end })
    },

    async *take({ input, upload, context: { service, peers, visitor, clock }, errors }) {
      const outcome = service.offers.take(visitor, input.file)
      if (!outcome.ok) {
        const { refusal } = outcome
        if (refusal.code === 'FILES_FULL')
          throw errors.FILES_FULL({ of: refusal.of, filesMax: refusal.filesMax })
        if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
        throw errors[refusal.code]({})
      }
      const taken = outcome.value
      const unfinished =
        'elsewhere' in taken
          ? yield* peers.take(taken, visitor.identity, upload)
          : yield* giveFile(taken, upload, clock)
      if (unfinished === undefined) return
      if (unfinished.code === 'OFFER_ENDED') throw errors.OFFER_ENDED({ why: unfinished.why })
      if (unfinished.code === 'TOO_SLOW') throw errors.TOO_SLOW({ stallMs: unfinished.stallMs })
      throw errors[unfinished.code]({})
    },

    async decline({ input, context: { service, peers, visitor }, errors }) {
      const outcome = service.offers.decline(visitor, input.file)
      if (outcome.ok) {
        const elsewhere = outcome.value
        if (elsewhere !== undefined) await peers.decline(elsewhere, visitor.name ?? '')
        return
      }
      const { refusal } = outcome
      if (refusal.code === 'TOO_FAST') throw errors.TOO_FAST({ retryAfterMs: refusal.retryAfterMs })
      throw errors[refusal.code]({})
    },

    list({ context: { service, visitor }, errors }) {
      if (visitor.room === undefined) throw errors.NOT_IN_ROOM({})
      return { files: service.offers.openIn(visitor.room) }
    },
  })

function wasCancelled({ reason }: AbortSignal): boolean {
  return RpcError.is(reason) && reason.code === 'CANCELLED'
}
