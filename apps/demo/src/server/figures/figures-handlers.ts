import { implement } from '@frameport/server'
import { chat } from '../../chat-contract.ts'
import type { ChatContext } from '../chat-context.ts'

export const figuresHandlers = implement(chat)
  .$context<ChatContext>()
  .at('figures', {
    async *watch({ context: { figures, visitor }, signal, errors }) {
      if (visitor.room === undefined) throw errors.NOT_IN_ROOM({})
      const watch = figures.watch(visitor)
      if (watch === undefined) throw errors.WATCHED_ALREADY({})
      // Stop at once, so that the next call of the same caller is not refused.
      signal.addEventListener('abort', () => watch.stop(), { once: true })
      try {
        for await (const table of watch) {
          // A member that has left all rooms since then may not see more figures.
          if (visitor.room === undefined) throw errors.NOT_IN_ROOM({})
          yield table
        }
      } finally {
        watch.stop()
      }
    },
  })
