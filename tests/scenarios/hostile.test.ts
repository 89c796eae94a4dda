import { envelopeKinds } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { json, noBody, hello as plainHello } from '../support/envelopes.ts'
import { lab } from './lab-contract.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { payloadOf, type RawPeer } from './worlds/raw-peer.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'
import type { World } from './worlds/world.ts'
import { frameWorlds } from './worlds/worlds.ts'

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

const hello = helloOf('guest')
/** The hello of a user whose context never settles, so that no welcome follows. */
const unwelcomed = helloOf('unwelcomed')

function helloOf(auth: string): Uint8Array {
  const settings = [
    [4, 10],
    [5, 10],
    [6, 1_000],
  ] as const
  return payloadOf({ ...plainHello, settings, body: json(JSON.stringify(auth)) })
}

function call(callId: number, procedure: string, body: string | undefined): Uint8Array {
  return payloadOf({
    kind: 'call',
    callId,
    procedure,
    upload: false,
    metadata: {},
    body: body === undefined ? noBody : json(body),
  })
}

/** A call whose name was `lab/nothing`, with one byte that is invalid in UTF-8. */
function callWithBadName(): Uint8Array {
  const bytes = call(1, 'lab@1/nothing', undefined)
  bytes[bytes.indexOf('n'.charCodeAt(0))] = 0xff
  return bytes
}

interface Garbage {
  readonly name: string
  /** Payloads of frames, or raw bytes. A world of frames sends raw bytes as one frame. */
  readonly sent: readonly Uint8Array[] | Uint8Array
  readonly code: string
  /** Sent after the welcome to a good hello. */
  readonly welcomed?: boolean
  /** Only for worlds with a length prefix. */
  readonly bytesOnly?: boolean
}

const garbage: readonly Garbage[] = [
  {
    name: 'an HTTP request',
    sent: ascii('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'),
    code: 'NOT_FRAMEPORT',
  },
  { name: 'a TLS hello', sent: Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), code: 'NOT_FRAMEPORT' },
  {
    name: 'the length 0xFFFFFFFF',
    sent: Uint8Array.of(255, 255, 255, 255),
    code: 'FRAME_TOO_LONG',
    bytesOnly: true,
  },
  { name: 'a frame that is not a hello', sent: [ascii('how do you do?')], code: 'NOT_FRAMEPORT' },
  {
    name: 'a call before the hello',
    sent: [call(1, 'lab@1/nothing', undefined)],
    code: 'NOT_FRAMEPORT',
  },
  {
    name: 'a call before the welcome',
    sent: [unwelcomed, call(1, 'lab@1/nothing', undefined)],
    code: 'PROTOCOL_VIOLATION',
  },
  {
    name: 'a malformed envelope',
    sent: [Uint8Array.of(envelopeKinds.call, 0, 0x80, 0x80)],
    code: 'MALFORMED_ENVELOPE',
    welcomed: true,
  },
  { name: 'an empty frame', sent: [new Uint8Array()], code: 'MALFORMED_ENVELOPE', welcomed: true },
  { name: 'an unknown kind', sent: [Uint8Array.of(0x7f, 0, 0)], code: 'UNKNOWN_KIND', welcomed: true },
  { name: 'a name in invalid UTF-8', sent: [callWithBadName()], code: 'MALFORMED_ENVELOPE', welcomed: true },
  { name: 'a second hello', sent: [hello], code: 'PROTOCOL_VIOLATION', welcomed: true },
  {
    name: 'the header of a frame over the limit',
    sent: Uint8Array.of(0, 0x10, 0, 1),
    code: 'FRAME_TOO_LONG',
    welcomed: true,
    bytesOnly: true,
  },
  {
    name: 'a frame over the limit',
    sent: [new Uint8Array(0x10_0001)],
    code: 'FRAME_TOO_LONG',
    welcomed: true,
  },
]

const bytesOnlySkip = {
  notIn: { worlds: frameWorlds, reason: 'a frame without a length prefix has no length that could lie' },
}

/** Sends a good hello and waits for the welcome. */
async function shakeHands(world: World, peer: RawPeer): Promise<void> {
  peer.sendFrames(hello)
  await world.eventually('the welcome came', () => peer.payloads[0]?.[0] === envelopeKinds.welcome)
}

const textOf = (peer: RawPeer) => peer.payloads.map((payload) => new TextDecoder().decode(payload)).join('\n')

describe('Garbage on the port', () => {
  inEveryWorld(
    (stage, scenario) => {
      for (const { name, sent, code, welcomed, bytesOnly } of garbage) {
        scenario(
          `${name} closes its connection with a typed reason in the log, and harms no other client`,
          async () => {
            const { world, server, log } = stage()
            const client = await world.connect(server, lab)
            const waiting = client.wait({ text: 'through it all' })
            await world.eventually('the call is in flight', () => stage().record.started === 1)
            const peer = await world.connectRaw(server)
            if (welcomed === true) await shakeHands(world, peer)
            if (sent instanceof Uint8Array) peer.sendRaw(sent)
            else peer.sendFrames(...sent)
            await world.eventually('it was closed', () => peer.closed || peer.ended)
            const reason = () => log.find(({ level, facts }) => level === 'warn' && 'code' in facts)
            await world.eventually('it was logged', () => reason() !== undefined)
            expect(reason()?.facts.code).toBe(code)
            expect(reason()?.facts.connection).toBe('c2')
            expect(reason()?.facts.remote).toMatch(world.remote)
            stage().record.release.get('through it all')?.()
            expect(await world.run(waiting)).toEqual({ text: 'through it all' })
            peer.abort()
          },
          bytesOnly === true ? bytesOnlySkip : {},
        )
      }

      scenario('in the body of a call fails only that call', async () => {
        const { world, server, log } = stage()
        const peer = await world.connectRaw(server)
        await shakeHands(world, peer)
        peer.sendFrames(
          call(1, 'lab@1/echo', '{"text":'),
          call(3, 'lab@1/echo', '{"text":5}'),
          call(5, 'lab@1/ecko', '{}'),
        )
        peer.sendFrames(call(7, 'lab@1/echo', '{"text":"still here"}'))
        await world.eventually('the last call was answered', () => textOf(peer).includes('still here'))
        expect(textOf(peer).match(/INVALID_ARGUMENT/g)).toHaveLength(2)
        expect(textOf(peer)).toMatch(/UNIMPLEMENTED.*no procedure "lab@1\/ecko"\. Did you mean lab@1\/echo\?/)
        expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
        expect(peer.closed || peer.ended).toBe(false)
        peer.abort()
        await world.eventually('it is gone', () => server.connections.size === 0)
      })
    },
    {
      context: ({ hello }) =>
        hello.auth === 'unwelcomed' ? new Promise(() => undefined) : { user: 'guest' },
    },
  )

  it('silence for 10 s ends with HELLO_TIMEOUT, and not a millisecond earlier', async () => {
    const world = memoryWorld()
    const stage = setStage(world)
    const peer = await world.connectRaw(stage.server)
    await world.clock.advance(9_999)
    expect(stage.server.connections.size).toBe(1)
    await world.clock.advance(1)
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({ code: 'HELLO_TIMEOUT' })
    expect(peer.ended).toBe(true)
    await world.close(stage.server)
  })

  it('a hello whose context never settles also ends with HELLO_TIMEOUT', async () => {
    const world = memoryWorld()
    const stage = setStage(world, { context: () => new Promise(() => undefined) })
    const client = await world.connect(stage.server, lab)
    await expect(world.run(client.nothing())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({ code: 'HELLO_TIMEOUT' })
    await world.close(stage.server)
  })

  it('many calls of unknown names cost no more than one short answer each', async () => {
    const world = memoryWorld({ chunking: 'merged' })
    const stage = setStage(world)
    const peer = await world.connectRaw(stage.server)
    const name = `lab@1/${'\u202e'}${'x'.repeat(900)}`
    await shakeHands(world, peer)
    peer.sendFrames(...Array.from({ length: 50 }, (_, index) => call(2 * index + 1, name, undefined)))
    await world.eventually('all were refused', () => textOf(peer).split('UNIMPLEMENTED').length === 51)
    expect(textOf(peer)).not.toContain('\u202e')
    expect(peer.payloads.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(50 * 250)
    peer.abort()
    await world.close(stage.server)
  })

  it('calls of unknown names all get an answer, but only hintsPerSecondMax hints per second', async () => {
    const world = memoryWorld({ chunking: 'merged' })
    const stage = setStage(world, { limits: { hintsPerSecondMax: 5 } })
    const peer = await world.connectRaw(stage.server)
    await shakeHands(world, peer)
    const sent = (from: number) =>
      Array.from({ length: 500 }, (_, index) => call(2 * (from + index) + 1, 'lab@1/ecko', undefined))
    peer.sendFrames(...sent(0))
    await world.eventually('all were refused', () => textOf(peer).split('UNIMPLEMENTED').length === 501)
    expect(textOf(peer).match(/Did you mean/g)).toHaveLength(5)
    await world.clock.advance(1_000)
    peer.sendFrames(...sent(500))
    await world.eventually('all were refused', () => textOf(peer).split('UNIMPLEMENTED').length === 1_001)
    expect(textOf(peer).match(/Did you mean/g)).toHaveLength(10)
    peer.abort()
    await world.close(stage.server)
  })

  it('more than refusalsPerSecondMax refusals in a second end the connection with a GOAWAY that says so', async () => {
    const world = memoryWorld({ chunking: 'merged' })
    const stage = setStage(world, { limits: { refusalsPerSecondMax: 100 } })
    const peer = await world.connectRaw(stage.server)
    await shakeHands(world, peer)
    const sent = Array.from({ length: 2_000 }, (_, index) => call(2 * index + 1, 'lab@1/none', undefined))
    peer.sendFrames(...sent)
    await world.eventually('it was ended', () => peer.ended)
    expect(textOf(peer).match(/UNIMPLEMENTED/g)).toHaveLength(100)
    expect(textOf(peer)).toContain('LIMIT_EXCEEDED')
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await world.close(stage.server)
  })
})
