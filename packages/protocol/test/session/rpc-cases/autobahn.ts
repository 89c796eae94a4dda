import { expect } from 'vitest'
import { envelopeKinds } from '../../../src/envelope/index.ts'
import { noBody, openProbe } from '../../support/raw-peer.ts'
import { connected, startCall, value } from '../../support/sessions.ts'
import { type Case, compression, expectPattern, pattern, succeeds } from './case.ts'

async function closesFor(payloads: readonly Uint8Array[], code: string): Promise<void> {
  for (const payload of payloads) {
    const { peer, time, recorder } = await openProbe('server')
    recorder.onCall = (call) => call.respond(value('ok'))
    peer.send({ kind: 'call', callId: 1, procedure: 'a/b', upload: false, metadata: {}, body: noBody })
    peer.sendFrame(payload)
    await time.advance(2_000)
    expect(peer.kinds).toEqual(['result', 'goaway'])
    expect(recorder.closes).toMatchObject([{ code }])
  }
}

/** Scenarios of Autobahn. */
export const autobahn: Readonly<Record<string, Case>> = {
  'autobahn: 1 Framing': async () => {
    for (const size of [0, 125, 126, 127, 128, 65_535, 65_536]) await succeeds(size, size)
    const { time, client, server } = await connected({ pair: { chunking: { bytes: 997 } } })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcome = startCall(client.session, 'a/b', { input: pattern(65_536) })
    await time.settle()
    expectPattern(outcome.body, 65_536)
  },
  'autobahn: 2 Pings/Pongs': {
    skip: 'heartbeat.test.ts: answered one by one in order, in single bytes, unsolicited pong ignored',
  },
  'autobahn: 3 Reserved bits': () =>
    closesFor(
      [0x08, 0x10, 0x20, 0x40, 0x80].map((bit) => Uint8Array.of(0x04, bit, 1)),
      'MALFORMED_ENVELOPE',
    ),
  'autobahn: 4 Opcodes': () =>
    closesFor(
      Array.from({ length: 0x80 }, (_, kind) => kind)
        .filter((kind) => !Object.values<number>(envelopeKinds).includes(kind))
        .flatMap((kind) => [Uint8Array.of(kind), Uint8Array.of(kind, 0, 1, 2, 3)]),
      'UNKNOWN_KIND',
    ),
  'autobahn: 5 Fragmentation': {
    skip: 'pieces.test.ts: bodies in pieces, with other envelopes between and out of turn',
  },
  'autobahn: 6 UTF-8 handling': () =>
    closesFor(
      [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf8, 0x88, 0x80, 0x80, 0x80]].map((text) =>
        Uint8Array.of(0x03, 0x00, 0x03, text.length, ...text),
      ),
      'MALFORMED_ENVELOPE',
    ),
  'autobahn: 7 Close handling': {
    skip: 'closing.test.ts: from both sides; goaway.test.ts: twice, with any code, with a call after it',
  },
  'autobahn: 9 Limits/Performance': async () => {
    const limits = { frameBytesMax: 17 * 1024 * 1024, bodyBytesMax: 16 * 1024 * 1024 }
    const { time, client, server } = await connected({
      client: { limits },
      server: { limits },
      pair: { chunking: { bytes: 1 << 24 }, windowBytes: 1 << 25 },
    })
    server.recorder.onCall = (call) => call.respond(call.input)
    for (const size of [64 * 1024, 16 * 1024 * 1024]) {
      const outcome = startCall(client.session, 'a/b', { input: pattern(size) })
      await time.settle()
      expectPattern(outcome.body, size)
    }
  },
  'autobahn: 10 Misc': async () => {
    const { time, client, server } = await connected({ pair: { chunking: { bytes: 1_300 } } })
    server.recorder.onCall = (call) => call.respond(call.input)
    const outcome = startCall(client.session, 'a/b', { input: pattern(65_536) })
    await time.settle()
    expectPattern(outcome.body, 65_536)
  },
  'autobahn: 12/13 Compression': compression,
}
