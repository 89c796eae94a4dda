import { RpcError } from '@frameport/protocol'
import { uploadKinds } from '../contract.ts'
import type { Happening, Row } from '../happening.ts'

const notYet = { absent: 'its handler does not run yet' }
const noMore = { absent: 'its handler has answered, and cannot fail any more' }

/** A failure of the handler reaches its caller if the caller waits for an answer. */
function rowsOf(code: string, maybeExecuted: boolean): readonly Row[] {
  return [
    { stages: ['unsent', 'arrived'], cell: notYet },
    { stages: ['answering'], cell: noMore },
    { kinds: ['one-way'], cell: { caller: 'answer', callee: 'failed' } },
    { cell: { caller: code, maybeExecuted, callee: 'failed' } },
  ]
}

const declared: Happening = {
  name: 'whose handler fails with an error of its procedure',
  keepsConnection: true,
  happen: ({ handled }) =>
    handled.fail(new RpcError('FULL', 'no seat is left', { data: { seats: 0 }, maybeExecuted: true })),
  rows: [
    {
      kinds: ['one-way'],
      cell: { absent: 'a procedure that nobody answers declares no errors' },
    },
    ...rowsOf('FULL', true),
  ],
}

const standard: Happening = {
  name: 'whose handler fails with a standard code',
  keepsConnection: true,
  happen: ({ handled }) => handled.fail(new RpcError('NOT_FOUND', 'there is no such thing')),
  rows: rowsOf('NOT_FOUND', false),
}

const unexpected: Happening = {
  name: 'whose handler throws an error that is no RpcError',
  keepsConnection: true,
  happen: ({ handled }) => handled.fail(new TypeError('the password is 12345')),
  rows: rowsOf('INTERNAL', true),
}

const sourceFails: Happening = {
  name: 'whose source fails at its caller',
  keepsConnection: true,
  happen: ({ call }) => call.source?.fail(new Error('the disk is gone')),
  rows: [
    {
      kinds: ['unary', 'server-stream', 'one-way'],
      cell: { absent: 'its caller sends no items, so that there is no source' },
    },
    { stages: ['unsent'], cell: { absent: 'its source is not read before it is sent' } },
    { stages: ['caller-ended'], cell: { absent: 'its source has ended' } },
    { stages: ['arrived'], cell: { caller: 'ABORTED', maybeExecuted: true, callee: 'never runs' } },
    { stages: ['answering'], cell: { caller: ['ABORTED', 'answer'], callee: 'answered' } },
    { kinds: uploadKinds, cell: { caller: 'ABORTED', maybeExecuted: true, callee: 'ABORTED' } },
  ],
}

export const failures = [declared, standard, unexpected, sourceFails]
