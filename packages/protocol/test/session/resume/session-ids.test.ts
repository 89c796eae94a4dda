import { expect, it } from 'vitest'
import { endAll, keepingServer } from '../../support/resuming-peers.ts'

it('each session id begins with the prefix of the environment, whose owner learns which ids exist', async () => {
  const { time, connect } = keepingServer()
  const told: (readonly [string, Uint8Array])[] = []
  const sessionIds = {
    prefix: Uint8Array.of(1, 2, 3),
    named: (id: Uint8Array) => void told.push(['named', id]),
    forgotten: (id: Uint8Array) => void told.push(['forgotten', id]),
  }
  Object.assign(time, { sessionIds })
  const first = await connect()
  const { session: id, secret } = first.answer.session!
  expect([id.length, ...id.subarray(0, 3)]).toEqual([19, 1, 2, 3])
  expect(told).toEqual([['named', id]])

  // A resumed session keeps its id.
  first.cut()
  await time.settle()
  const second = await connect({ session: id, secret, received: 0 })
  expect(second.answer.session?.session).toEqual(id)
  expect(told).toHaveLength(1)

  await endAll(time, [first])
  expect(told.slice(1)).toContainEqual(['forgotten', id])
})
