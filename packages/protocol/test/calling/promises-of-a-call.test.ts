import { createHook } from 'node:async_hooks'
import { contract, procedure } from '@frameport/protocol'
import type { OutgoingCallEvents, Session } from '@frameport/protocol/session'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { CallsOfSignals } from '../../src/calling/calls-of-signals.ts'
import { ItemStream } from '../../src/calling/item-stream.ts'
import { callOnce, unaryCalls } from '../../src/calling/unary-call.ts'

const numbers = contract('numbers', {
  version: 1,
  procedures: { one: procedure({ output: z.number() }), items: procedure({ items: z.number() }) },
})
const entryOf = (path: string) => numbers.procedureEntries.get(path)!
const body = { kind: 'value', value: 1 } as const
const intercepted = { input: undefined, metadata: {} } as never

/** Services over a session that `call` plays. */
const services = (call: (events: OutgoingCallEvents) => void) => ({
  session: {
    call(_: unknown, events: OutgoingCallEvents) {
      call(events)
      return { grant: () => undefined, keep: () => undefined, cancel: () => undefined }
    },
  } as unknown as Session,
  streamWindow: { items: 1_000, bytes: 1_000_000 },
  signals: new CallsOfSignals(),
  fingerprintToSend: () => undefined,
  hookFailed: () => undefined,
  explain: <E>(error: E) => error,
  explainMismatch: <E>(_entry: unknown, error: E) => error,
})

/** How many promises one round creates, with those that the engine creates for each `await`. */
async function promisesOf(rounds: number, round: () => Promise<unknown>): Promise<number> {
  let made = 0
  const hook = createHook({
    init(_, type) {
      if (type === 'PROMISE') made++
    },
  })
  hook.enable()
  for (let left = rounds; left > 0; left--) await round()
  hook.disable()
  // The hook and the loop themselves create less than one promise per round.
  return Math.floor(made / rounds)
}

// There were 7, and 9 for an item, before the stacks of failures included the line of the caller's `await`.
it('a call that succeeds creates 2 promises, including that of the `await` of its caller', async () => {
  const played = services((events) => queueMicrotask(() => events.settled(undefined, body)))
  const made = await promisesOf(100, () => callOnce(unaryCalls(played, entryOf('one')), intercepted))
  expect(made).toBe(2)
})

it('an item that waits to be read creates 2 promises, including that of the `await` of its reader', async () => {
  let item: OutgoingCallEvents['item'] | undefined
  const stream = new ItemStream(
    services((events) => {
      item = (...arrived) => events.item(...arrived)
      for (let index = 0; index < 200; index++) item(body, 1, 1)
    }),
    entryOf('items'),
    intercepted,
  )
  await stream.next()
  expect(await promisesOf(100, () => stream.next())).toBe(2)
  await stream.return()
})
