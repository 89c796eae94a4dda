import { expect, it } from 'vitest'
import type { SessionCloseCode } from '../../src/session/common/close-reason.ts'
import { faultOf, SessionFault } from '../../src/session/common/session-fault.ts'
import { openProbe } from '../support/raw-peer.ts'

const codes: readonly SessionCloseCode[] = [
  'CONNECTION_LOST',
  'HELLO_TIMEOUT',
  'HELLO_REFUSED',
  'VERSION_UNSUPPORTED',
  'NOT_FRAMEPORT',
  'FRAME_TOO_LONG',
  'FRAME_TIMEOUT',
  'TRUNCATED',
  'MALFORMED_ENVELOPE',
  'UNKNOWN_KIND',
  'PROTOCOL_VIOLATION',
  'LIMIT_EXCEEDED',
  'OVERLOADED',
  'REPLACED',
  'HEARTBEAT_TIMEOUT',
  'ABORTED',
]

async function closedBy(code: string, text: string) {
  const { time, peer, recorder } = await openProbe('client')
  peer.send({ kind: 'goaway', code, text, metadata: {} })
  await time.advance(2_000)
  return recorder.closes
}

it.each(codes)('a goaway with %s closes this side with the same code', async (code) => {
  expect(await closedBy(code, 'why')).toEqual([
    { code, message: `the peer closed the session with ${code}: why`, closedBy: 'peer' },
  ])
})

it('a goaway with an unknown code closes this side as a lost connection, and is shown without control characters', async () => {
  expect(await closedBy('NEW\u001bCODE', 'a\nb')).toEqual([
    {
      code: 'CONNECTION_LOST',
      message: 'the peer closed the session with "NEW\ufffdCODE": a b',
      closedBy: 'peer',
    },
  ])
})

it('a thrown value that cannot be read counts as a defect of this side', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const fault = faultOf(proxy)
  expect([fault.code, fault.cause === proxy]).toEqual(['ABORTED', true])
})

it('a fault has a cause only if one was given', () => {
  expect('cause' in new SessionFault('ABORTED', 'mine')).toBe(false)
})
