import { procedure } from '@frameport/protocol'
import type { IncomingCall } from '@frameport/protocol/session'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { pumpItems } from '../../src/serving/pump-items.ts'

const entry = { procedure: procedure({ items: z.number() }), fullName: 'c/numbers' }

/** A call whose connection has room for one item at a time, and another stream takes the first room. */
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

it('waits again when the room is gone after the producer has made an item', async () => {
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

function abortedBy() {
  const controller = new AbortController()
  const { call } = contestedCall()
  const abort = () => controller.abort(new Error('nobody waits any more'))
  Object.defineProperty(call, 'signal', { value: controller.signal })
  Object.defineProperty(call, 'isAborted', { get: () => controller.signal.aborted })
  return { call, abort }
}

describe('an aborted call', () => {
  const options = { validate: true, onReturnFailed() {} }

  it('leaves a producer that never gives its item, at once', async () => {
    const { call, abort } = abortedBy()
    const iterator = { next: () => new Promise<never>(() => {}), return: vi.fn(async () => ({})) }
    const outcome = pumpItems(
      call,
      entry as never,
      { [Symbol.asyncIterator]: () => iterator } as never,
      options,
    )
    await Promise.resolve()
    abort()
    expect(await outcome).toMatchObject({ kind: 'left', error: { message: 'nobody waits any more' } })
    expect(iterator.return).toHaveBeenCalledTimes(1)
  })

  it('leaves a producer that aborts it inside of next(), after next() has returned', async () => {
    const { call, abort } = abortedBy()
    let isInside = false
    const iterator = {
      next() {
        isInside = true
        abort()
        isInside = false
        return Promise.reject(new Error('an item that nobody waits for'))
      },
      return: vi.fn(async () => {
        expect(isInside).toBe(false)
      }),
    }
    const outcome = await pumpItems(
      call,
      entry as never,
      { [Symbol.asyncIterator]: () => iterator } as never,
      options,
    )
    expect(outcome).toMatchObject({ kind: 'left', error: { message: 'nobody waits any more' } })
    expect(iterator.return).toHaveBeenCalledTimes(1)
  })
})
