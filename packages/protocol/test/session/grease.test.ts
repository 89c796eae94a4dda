import { FrameDecoder } from '@frameport/framing'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { openSide, startCall } from '../support/sessions.ts'
import { WatchedStream } from '../support/watched-stream.ts'

const linkKinds = [0xca, 0xda, 0xea, 0xfa]
const sessionKinds = [0x8a, 0x9a, 0xaa, 0xba]

/** The kinds without a meaning that both sides of a conversation send each other. */
async function kindsSent(seed: number): Promise<{ readonly kinds: number[]; readonly outcome: string }> {
  const time = createVirtualClock({ seed })
  const { a, b } = createMemoryPair({ clock: time, chunking: 'merged' })
  const kinds: number[] = []
  const server = openSide('server', time, spied(b, kinds))
  const client = openSide('client', time, spied(a, kinds))
  server.recorder.onCall = (call) => call.respond({ kind: 'none' })
  await time.settle()
  const outcome = startCall(client.session)
  await time.settle()
  client.session.abort({ code: 'ABORTED', message: 'enough' })
  await time.advance(5_000)
  return { kinds: kinds.filter((kind) => kind >= 0x80), outcome: outcome.code }
}

function spied(stream: ConstructorParameters<typeof WatchedStream>[0], kinds: number[]): WatchedStream {
  const decoder = new FrameDecoder()
  const watched = new WatchedStream(stream)
  const send = watched.send.bind(watched)
  watched.send = (bytes) => {
    const parts = bytes instanceof Uint8Array ? [bytes] : bytes
    for (const part of parts) decoder.push(part.slice(), (payload) => void kinds.push(payload[0] ?? 0))
    return send(bytes)
  }
  return watched
}

describe('kinds without a meaning (RFC 8701)', () => {
  it('are sent now and then by link and session of both sides, and disturb nobody', async () => {
    const conversations = []
    for (let seed = 1; seed <= 200; seed += 1) conversations.push(await kindsSent(seed))
    expect(new Set(conversations.map(({ outcome }) => outcome))).toEqual(new Set(['OK']))
    const sent = conversations.flatMap(({ kinds }) => kinds)
    const count = (known: readonly number[]) => sent.filter((kind) => known.includes(kind)).length
    // One chance in eight, twice in each conversation: 50 of each are expected.
    for (const known of [linkKinds, sessionKinds]) {
      expect(count(known)).toBeGreaterThan(25)
      expect(count(known)).toBeLessThan(80)
    }
    expect(count(linkKinds) + count(sessionKinds)).toBe(sent.length)
  })
})
