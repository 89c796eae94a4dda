import { describe, expect, it, onTestFinished } from 'vitest'
import { IncomingCallState } from '../../src/session/calls/incoming-call.ts'
import { ItemLine } from '../../src/session/flow/item-line.ts'
import type { SessionCore } from '../../src/session/flow/session-core.ts'
import { credit } from '../support/raw-peer.ts'

/** A stream call without credit, and the line of items in which it waits. */
function streamCall(writer = { blocked: false, checkBody() {} }) {
  const bodies = { isSending: () => false, isFull: false, sendText: () => 1 }
  const turn = { isUsedUp: false, countItem() {} }
  const items = new ItemLine(writer as never, bodies as never, turn as never)
  const core = {
    writer,
    bodies,
    items,
    turn,
    memory: { addInput() {} },
    limits: { pieceBytes: 1024 },
    answered() {},
    environment: { nowMs: () => 0 },
    guard: (call: () => void) => call(),
  } as unknown as SessionCore
  const envelope = { kind: 'call', callId: 1, procedure: 'items', metadata: {}, credit: credit(0) }
  const call = new IncomingCallState(core, envelope as never, undefined as never)
  call.begin({ kind: 'none' }, 0)
  return { call, items }
}

/** Counts the elements of arrays that `shift`, `slice` and `splice` move, until `stop` is called. */
function countMoves() {
  const moved = { elements: 0 }
  const { shift, slice, splice } = Array.prototype
  const counting = (own: (...args: never[]) => unknown) =>
    function (this: unknown[], ...args: never[]) {
      moved.elements += this.length
      return own.apply(this, args)
    }
  const stop = () => void Object.assign(Array.prototype, { shift, slice, splice })
  onTestFinished(stop)
  Object.assign(Array.prototype, { shift: counting(shift), slice: counting(slice), splice: counting(splice) })
  return { moved, stop }
}

describe('items that wait for credit', () => {
  it('are released in order, as many as have credit, and in linear time', async () => {
    const count = 5_000
    const { call } = streamCall()
    const order: number[] = []
    const waiting = Array.from({ length: count }, (_, index) => call.ready().then(() => order.push(index)))
    const { moved, stop } = countMoves()
    for (let item = 0; item < count; item++) {
      call.credited(credit(1))
      call.sendItem({ kind: 'value', value: item })
    }
    stop()
    await Promise.all(waiting)
    expect(order.every((index, at) => index === at)).toBe(true)
    expect(moved.elements / count).toBeLessThan(4)
  })

  it('keep their place in the line when another item of the call is sent meanwhile', async () => {
    const writer = { blocked: true, checkBody() {} }
    const { call, items } = streamCall(writer)
    call.credited(credit(1))
    const waiting = call.ready()
    call.sendItem({ kind: 'value', value: 1 })
    call.credited(credit(1))
    writer.blocked = false
    expect(items.goOn()).toBe(true)
    await waiting
  })
})
