import { implement } from '@frameport/server'
import { target } from './contract.ts'
import { pause } from './pour.ts'

const nothing = () => undefined

/** Yields the numbers from 0 to below `count`, each when it is due. */
async function* spread(count: number, seconds: number): AsyncGenerator<number> {
  const startedAtMs = performance.now()
  for (let number = 0; number < count; number++) {
    const dueAtMs = startedAtMs + (number * seconds * 1000) / count
    // Timers fire late. Numbers that have become due meanwhile follow immediately.
    if (dueAtMs > performance.now()) await pause(dueAtMs - performance.now())
    yield number
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

/** The implementation of {@link target}. */
export const implementation = implement(target).handlers({
  echo: ({ input }) => input,
  // The handler must not add work of its own to the attack.
  anything: ({ input }) => (Array.isArray(input) ? input.length : 0),
  large: ({ input }) => 'x'.repeat(input),
  async *endless() {
    for (let number = 0; ; number++) yield number
  },
  wait: ({ signal }) => aborted(signal),
  subscribe: ({ input, connection }) => connection.subscribe(target.events.line, { room: input.room }),
  mirror: ({ input }) => input,
  rows: () => [],
  async *feed({ input: { count, bytes, seconds } }) {
    const item = 'x'.repeat(bytes)
    for await (const _ of spread(count, seconds)) yield item
  },
  async swallow({ upload }) {
    for await (const _ of upload);
    return upload.bytes
  },
  neglect: ({ signal }) => aborted(signal),
  note: nothing,
  async publish({ input: { count, bytes, seconds, room }, connection, signal }) {
    const text = 'x'.repeat(bytes)
    for await (const _ of spread(count, seconds)) {
      if (signal.aborted) return
      connection.emit(target.events.line, { room }, { text })
    }
  },
  many: Object.fromEntries(Object.keys(target.procedures.many).map((name) => [name, nothing])),
})
