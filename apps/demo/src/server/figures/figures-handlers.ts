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
      // At once: the next call of the same caller finds nobody who looks.
      signal.addEventListener('abort', () => watch.stop(), { once: true })
      try {
        for await (const table of watch) {
          // Whoever has left all rooms since may see no more.
          if (visitor.room === undefined) throw errors.NOT_IN_ROOM({})
          yield table
        }
      } finally {
        watch.stop()
      }
    },
  })
