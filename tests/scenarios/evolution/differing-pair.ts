import { contract, event, procedure } from '@frameport/protocol'
import { type Implementation, implement } from '@frameport/server'
import { z } from 'zod'
import { startedPair } from '../started-pair.ts'

export const Text = z.object({ text: z.string() })
export const Name = z.object({ name: z.string() })

/** The contract of the server. Each test uses its own name, because the console shows each pair of states only once. */
export const served = (name: string) =>
  contract(name, {
    version: 1,
    procedures: {
      put: procedure({ input: Name, output: Name, errors: { GONE: z.object({ why: z.string() }) } }),
      same: procedure({ input: Name, output: Name }),
      watch: procedure({ items: Name }),
    },
    events: { news: event(Text), other: event(Text), own: event(Text, { subscribe: 'clients' }) },
  })

/** The contract of the client: the input of `put` has more members, and its output has fewer. */
export const known = (name: string) =>
  contract(name, {
    version: 1,
    procedures: {
      put: procedure({
        input: Name.extend({ nick: z.string().optional() }),
        output: Name.extend({ age: z.number() }),
      }),
      same: procedure({ input: Name, output: Name }),
      watch: procedure({ items: Name.extend({ age: z.number() }) }),
    },
    events: {
      news: event(Text.extend({ at: z.number() })),
      other: event(Text),
      own: event(Text.extend({ at: z.number() }), { subscribe: 'clients' }),
    },
  })

export function implementation(made: ReturnType<typeof served>): Implementation<object> {
  const { news, other } = made.events
  // The type of the server depends on whether clients subscribe to events.
  return implement(made).handlers({
    put: ({ input, errors }) => {
      if (input.name === 'gone') throw errors.GONE({ why: 'sold' })
      return input
    },
    same: ({ input, connection }) => {
      connection.subscribe(news)
      connection.subscribe(other)
      connection.emit(news, { text: 'a' })
      connection.emit(other, { text: 'b' })
      return input
    },
    async *watch() {
      yield { name: 'Ada' }
    },
  }) as unknown as Implementation<object>
}

export type PairOptions = NonNullable<Parameters<typeof startedPair>[2]>

/** A client of `known` with a server of `served`. */
export async function differing(name: string, options: PairOptions = {}) {
  const made = served(name)
  return startedPair(known(name), implementation(made), {
    server: { authorizeSubscribe: () => true, ...options.server } as never,
    client: { onContractDifferences: () => undefined, ...options.client },
  })
}
