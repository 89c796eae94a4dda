import type { Happening } from '../happening.ts'

const handedOver = { caller: 'answer', callee: 'goes on' } as const

const cancelledByCaller: Happening = {
  name: 'that its caller cancels',
  keepsConnection: true,
  happen: ({ call }) => call.cancel(),
  rows: [
    { stages: ['unsent'], cell: { caller: 'CANCELLED', maybeExecuted: false, callee: 'never runs' } },
    { kinds: ['one-way'], cell: handedOver },
    { stages: ['arrived'], cell: { caller: 'CANCELLED', maybeExecuted: true, callee: 'never runs' } },
    // In virtual time the answer may arrive immediately.
    {
      stages: ['answering'],
      cell: { caller: ['CANCELLED', 'answer'], maybeExecuted: true, callee: 'answered' },
    },
    { cell: { caller: 'CANCELLED', maybeExecuted: true, callee: 'CANCELLED' } },
  ],
}

const noLoop = { absent: 'its caller reads no items, so that there is no loop to leave' }

const loopLeft: Happening = {
  name: 'whose loop its caller leaves',
  keepsConnection: true,
  happen: ({ call }) => call.leave(),
  rows: [
    { kinds: ['unary', 'client-stream', 'one-way'], cell: noLoop },
    { stages: ['unsent', 'arrived'], cell: { caller: 'left', callee: 'never runs' } },
    { stages: ['answering'], cell: { caller: 'left', callee: 'answered' } },
    { cell: { caller: 'left', callee: 'CANCELLED' } },
  ],
}

const stopped: Happening = {
  name: 'whose callee takes no more items',
  keepsConnection: true,
  async happen({ call, handled, world }) {
    handled.stop()
    await world.eventually('the source was ended', () => call.source?.ends.returned === 1)
  },
  rows: [
    {
      kinds: ['unary', 'server-stream', 'one-way'],
      cell: { absent: 'its caller sends no items that could be stopped' },
    },
    { stages: ['unsent', 'arrived'], cell: { absent: 'its handler does not run yet' } },
    { stages: ['caller-ended'], cell: { absent: 'there are no more items to stop' } },
    { stages: ['answering'], cell: { absent: 'its handler has answered, which stops the items as well' } },
    { cell: { caller: 'answer', callee: 'goes on' } },
  ],
}

export const cancels = [cancelledByCaller, loopLeft, stopped]
