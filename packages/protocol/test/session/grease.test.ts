import { FrameDecoder } from '@frameport/framing'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { hello, RawPeer } from '../support/raw-peer.ts'
import { openSide, startCall } from '../support/sessions.ts'
import { WatchedStream } from '../support/watched-stream.ts'

const linkKinds = [0xca, 0xda, 0xea, 0xfa]
const sessionKinds = [0x8a, 0x9a, 0xaa, 0xba]

/** The kinds without a meaning that both sides send in one conversation. */
async function kindsSent(seed: number): Promise<{ readonly kinds: number[]; readonly outcome: string }> {
  const time = createVirtualClock({ seed })
  const { a, b } = createMemoryPair({ clock: time, chunking: 'merged' })
  const payloads: Uint8Array[] = []
  const server = openSide('server', time, spied(b, payloads))
  const client = openSide('client', time, spied(a, payloads))
  server.recorder.onCall = (call) => call.respond({ kind: 'none' })
  await time.settle()
  const outcome = startCall(client.session)
  await time.settle()
  client.session.abort({ code: 'ABORTED', message: 'enough' })
  await time.advance(5_000)
  return { kinds: payloads.map(([kind]) => kind!).filter((kind) => kind >= 0x80), outcome: outcome.code }
}

/** The kinds without a meaning that a server sends when these random numbers are drawn after its welcome. */
async function sentBy(...draws: number[]): Promise<readonly Uint8Array[]> {
  const time = createVirtualClock()
  const { a, b } = createMemoryPair({ clock: time, chunking: 'merged' })
  const payloads: Uint8Array[] = []
  const left = [0, 0, ...draws]
  const environment = {
    nowMs: () => time.nowMs(),
    setTimer: (delayMs: number, callback: () => void) => time.setTimer(delayMs, callback),
    random: () => left.shift() ?? 1,
  }
  const { session } = openSide('server', environment, spied(b, payloads))
  new RawPeer(new WatchedStream(a)).send(hello)
  await time.settle()
  session.abort({ code: 'ABORTED', message: 'enough' })
  await time.advance(5_000)
  return payloads.filter(([kind]) => kind! >= 0x80)
}

function spied(
  stream: ConstructorParameters<typeof WatchedStream>[0],
  payloads: Uint8Array[],
): WatchedStream {
  const decoder = new FrameDecoder()
  const watched = new WatchedStream(stream)
  const send = watched.send.bind(watched)
  watched.send = (bytes) => {
    const parts = bytes instanceof Uint8Array ? [bytes] : bytes
    for (const part of parts) decoder.push(part.slice(), (payload) => void payloads.push(payload.slice()))
    return send(bytes)
  }
  return watched
}

describe('kinds without a meaning (RFC 8701)', () => {
  it('are sent sometimes by the link and the session of both sides, and are ignored', async () => {
    const conversations = []
    for (let seed = 1; seed <= 200; seed += 1) conversations.push(await kindsSent(seed))
    expect(new Set(conversations.map(({ outcome }) => outcome))).toEqual(new Set(['OK']))
    const sent = conversations.flatMap(({ kinds }) => kinds)
    const count = (known: readonly number[]) => sent.filter((kind) => known.includes(kind)).length
    // The chance is one in eight, twice in each conversation: 50 of each are expected.
    for (const known of [linkKinds, sessionKinds]) {
      expect(count(known)).toBeGreaterThan(25)
      expect(count(known)).toBeLessThan(80)
    }
    expect(count(linkKinds) + count(sessionKinds)).toBe(sent.length)
  })

  it('are sent with a chance of one in eight, as a random kind and a random byte', async () => {
    expect(await sentBy(0.124, 0.6, 0.5, 0.124, 0.9, 0.25)).toEqual([
      Uint8Array.of(linkKinds[2]!, 128),
      Uint8Array.of(sessionKinds[3]!, 64),
    ])
    expect(await sentBy(0.125, 0.125)).toEqual([])
  })
})
