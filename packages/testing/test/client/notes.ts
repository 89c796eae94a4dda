import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { z } from 'zod'

export const notes = contract('notes', {
  version: 1,
  procedures: {
    add: procedure({
      input: z.string().min(1),
      output: z.object({ by: z.string(), count: z.number() }),
      errors: { FULL: z.object({ max: z.number() }) },
    }),
    all: procedure({ items: z.string() }),
    wait: procedure({}),
    fail: procedure({ input: z.enum(['throws', 'late', 'wrongOutput', 'own']), output: z.string() }),
    failItems: procedure({ items: z.string() }),
    watch: procedure({}),
  },
  events: {
    added: event(z.string()),
    shared: event(z.string(), { topic: z.string(), subscribe: 'clients' }),
  },
})

export interface NotesContext {
  readonly user: string
}

export const broken = new Error('the disk is full')

/** Handlers with a middleware, an event, and every kind of failure. */
export function implementNotes() {
  const kept: string[] = []
  const signals: AbortSignal[] = []
  const implementation = implement(notes)
    .$context<NotesContext>()
    .use(({ context, next }) => {
      if (context.user === 'stranger') throw new RpcError('UNAUTHENTICATED', 'who are you?')
      return next({ context: { signature: `by ${context.user}` } })
    })
    .handlers({
      add({ input, context, errors }) {
        if (kept.length === 2) throw errors.FULL({ max: 2 })
        kept.push(input)
        // More than the contract has: the server leaves it out.
        return { by: context.signature, count: kept.length, secret: 'x' }
      },
      async *all() {
        yield* kept
      },
      wait: ({ signal }) =>
        new Promise((_, reject) => {
          signals.push(signal)
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      async fail({ input }) {
        if (input === 'own') throw new RpcError('INTERNAL', 'a text for clients')
        if (input === 'wrongOutput') return 5 as unknown as string
        if (input === 'late') await null
        throw broken
      },
      async *failItems() {
        yield 'one'
        throw broken
      },
      watch: ({ connection }) => connection.subscribe(notes.events.added),
    })
  return { implementation, kept, signals }
}
