import { procedure } from '@frameport/protocol'
import type { IncomingCall } from '@frameport/protocol/session'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { pumpItems } from '../../src/serving/pump-items.ts'

const entry = { procedure: procedure({ items: z.number() }), fullName: 'c/numbers' }

/** A call whose connection has room for one item at a time, of which another stream takes the first. */
function contestedCall() {
  const sent: unknown[] = []
  const asked: boolean[] = []
  let room = true
  const call = {
    signal: new AbortController().signal,
    get canSendItem() {
      return room
    },
    handlerStarted() {},
    async ready() {
      asked.push(room)
      await Promise.resolve()
      room = true
    },
    sendItem(body: unknown) {
      expect(room).toBe(true)
      sent.push(body)
      room = false
    },
  } as unknown as IncomingCall
  return { call, sent, asked, takeRoom: () => (room = false) }
}

it('waits again when the room that was there has gone while the producer made the item', async () => {
  const { call, sent, asked, takeRoom } = contestedCall()
  async function* numbers() {
    takeRoom()
    yield 1
    yield 2
  }
  const outcome = await pumpItems(call, entry as never, numbers(), { validate: true, onReturnFailed() {} })
  expect(outcome).toEqual({ kind: 'completed' })
  expect(sent).toEqual([
    { kind: 'value', value: 1 },
    { kind: 'value', value: 2 },
  ])
  expect(asked.length).toBe(3)
})
