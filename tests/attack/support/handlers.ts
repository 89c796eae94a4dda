import { implement } from '@frameport/server'
import { target } from './contract.ts'

const nothing = () => undefined

/** What serves {@link target}. */
export const implementation = implement(target).handlers({
  echo: ({ input }) => input,
  // What the handler does itself is not the attack's.
  anything: ({ input }) => (Array.isArray(input) ? input.length : 0),
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
