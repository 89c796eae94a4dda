import { expect, it } from 'vitest'
import { openProbe, type RawPeer } from '../support/raw-peer.ts'
import { startCall } from '../support/sessions.ts'

const six = { encoding: 'raw', bytes: new Uint8Array(6) } as const

function sendResult(peer: RawPeer, callId: number): void {
  peer.send({ kind: 'result', callId, metadata: {}, body: six, goesOn: true })
}

function sendMore(peer: RawPeer, callId: number, goesOn: boolean): void {
  peer.send({ kind: 'more', callId, body: six, goesOn })
}

const limits = { bodyBytesMax: 10, bodiesPartialBytesMax: 15 }

it.each([
  [
    'longer than bodyBytesMax',
    (peer: RawPeer) => {
      sendResult(peer, 1)
      sendMore(peer, 1, false)
    },
    1,
  ],
  [
    'that does not fit beside the other unfinished bodies',
    (peer: RawPeer) => {
      sendResult(peer, 3)
      sendResult(peer, 1)
      sendMore(peer, 1, false)
      sendMore(peer, 3, true)
      sendMore(peer, 3, false)
    },
    0,
  ],
])(
  'frees the slot of a call when the last piece shows that its result is over a limit: one %s',
  async (_, send, callsLeft) => {
    const { session, peer, time } = await openProbe('client', { limits })
    const first = startCall(session)
    startCall(session)
    await time.settle()
    send(peer)
    await time.settle()
    expect(first.error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', maybeExecuted: true })
    expect(session.callsInFlight).toBe(callsLeft)
  },
)
