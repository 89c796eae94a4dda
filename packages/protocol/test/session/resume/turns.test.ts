import { expect, it } from 'vitest'
import { settingsOf, settingsToSend } from '../../../src/envelope/settings.ts'
import { firstCall, hello } from '../../support/raw-peer.ts'
import { endAll, keepingServer, peerKeeps } from '../../support/resuming-peers.ts'

const calls = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...firstCall, callId: 2 * (from + n) + 1 }))

/** What happens in the turn of the event loop that runs. */
async function microtasks(): Promise<void> {
  for (let n = 0; n < 200; n += 1) await Promise.resolve()
}

it('a session whose turn is used up handles nothing from a connection that comes in that turn', async () => {
  const { time, connect, coming } = keepingServer({ sessionTurnStepsMax: 200 })
  const first = await connect()
  const second = coming(true)
  first.peer.send(...calls(0, 60))
  await microtasks()
  const before = first.recorder.calls.length
  expect([before < 60, first.session.stats().turnsUsedUp]).toEqual([true, 1])
  const settings = settingsToSend({ ...settingsOf([]), ...peerKeeps })
  second.peer.send({ ...hello, settings, resume: { ...first.answer.session!, received: 0 } })
  await microtasks()
  second.peer.send(...calls(before, 200))
  await microtasks()
  expect(first.recorder.calls).toHaveLength(before)
  await time.settle()
  expect(first.recorder.calls).toHaveLength(before + 200)
  await endAll(time, [first])
})
