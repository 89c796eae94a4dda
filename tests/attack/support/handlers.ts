import { implement } from '@frameport/server'
import { target } from './contract.ts'

const nothing = () => undefined

/** What serves {@link target}. */
export const implementation = implement(target).handlers({
  echo: ({ input }) => input,
  anything: ({ input }) => (JSON.stringify(input) ?? '').length,
  large: ({ input }) => 'x'.repeat(input),
  async *endless() {
    for (let number = 0; ; number++) yield number
  },
  wait: ({ signal }) =>
    new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  subscribe: ({ input, connection }) => connection.subscribe(target.events.line, { room: input.room }),
  many: Object.fromEntries(Object.keys(target.procedures.many).map((name) => [name, nothing])),
})
