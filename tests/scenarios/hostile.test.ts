import type { ByteStream } from '@frameport/framing'
import { encodeEnvelope, envelopeKinds } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld, setStage } from './setup.ts'
import { collect, memoryWorld, type World } from './world.ts'

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

function framed(...payloads: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(
    payloads.flatMap((payload) => [0, 0, payload.length >> 8, payload.length & 255, ...payload]),
  )
}

const hello = (() => {
  const { header, body } = encodeEnvelope({
    kind: 'hello',
    versionMin: 1,
    versionMax: 1,
    codecs: ['json'],
    limits: {
      frameBytesMax: 1_048_576,
      bodyBytesMax: 983_040,
      callsInFlightMax: 10,
      metadataEntriesMax: 10,
      metadataBytesMax: 1_000,
      heartbeatIntervalMs: 15_000,
      heartbeatTimeoutMs: 20_000,
    },
    contracts: [],
    metadata: {},
    body: { encoding: 'none', bytes: new Uint8Array() },
  })
  return Uint8Array.of(...header, ...body)
})()

function call(callId: number, procedure: string, body: string | undefined): Uint8Array {
  const bytes = ascii(body ?? '')
  const encoded = encodeEnvelope({
    kind: 'call',
    callId,
    procedure,
    upload: false,
    metadata: {},
    body: { encoding: body === undefined ? 'none' : 'codec', bytes },
  })
  return Uint8Array.of(...encoded.header, ...encoded.body)
}

/** A call whose name was `lab/nothing` and now has a byte that no UTF-8 text has. */
function callWithBadName(): Uint8Array {
  const bytes = call(1, 'lab/nothing', undefined)
  bytes[bytes.indexOf('n'.charCodeAt(0))] = 0xff
  return bytes
}

interface Garbage {
  readonly name: string
  readonly bytes: Uint8Array
  readonly code: string
  /** Sent once a welcome has answered a good hello. */
  readonly welcomed?: boolean
}

const garbage: readonly Garbage[] = [
  {
    name: 'an HTTP request',
    bytes: ascii('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'),
    code: 'NOT_FRAMEPORT',
  },
  { name: 'a TLS hello', bytes: Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), code: 'NOT_FRAMEPORT' },
  { name: 'the length 0xFFFFFFFF', bytes: Uint8Array.of(255, 255, 255, 255), code: 'FRAME_TOO_LARGE' },
  { name: 'a frame that is no hello', bytes: framed(ascii('how do you do?')), code: 'NOT_FRAMEPORT' },
  {
    name: 'a call before the hello',
    bytes: framed(call(1, 'lab/nothing', undefined)),
    code: 'NOT_FRAMEPORT',
  },
  {
    name: 'a call before the welcome',
    bytes: framed(hello, call(1, 'lab/nothing', undefined)),
    code: 'PROTOCOL_VIOLATION',
  },
  {
    name: 'a malformed envelope',
    bytes: framed(Uint8Array.of(envelopeKinds.call, 0, 0x80, 0x80)),
    code: 'MALFORMED_ENVELOPE',
    welcomed: true,
  },
  { name: 'an unknown kind', bytes: framed(Uint8Array.of(0x7f, 0, 0)), code: 'UNKNOWN_KIND', welcomed: true },
  {
    name: 'a name in invalid UTF-8',
    bytes: framed(callWithBadName()),
    code: 'MALFORMED_ENVELOPE',
    welcomed: true,
  },
  { name: 'a second hello', bytes: framed(hello), code: 'PROTOCOL_VIOLATION', welcomed: true },
  {
    name: 'a frame over the limit',
    bytes: Uint8Array.of(0, 0x10, 0, 1),
    code: 'FRAME_TOO_LARGE',
    welcomed: true,
  },
]

/** Sends a good hello and waits for the welcome. */
async function shakeHands(
  world: World,
  stream: ByteStream,
  seen: { readonly bytes: readonly number[] },
): Promise<void> {
  stream.send(framed(hello))
  await world.eventually('the welcome came', () => seen.bytes[4] === envelopeKinds.welcome)
}

describe('garbage on the port', () => {
  inEveryWorld((stage) => {
    it.each(garbage)(
      '$name closes its connection with a typed reason in the log, and harms nobody',
      async ({ bytes, code, welcomed }) => {
        const { world, server, log } = stage()
        const client = await world.connect(server, lab)
        const waiting = client.wait({ text: 'through it all' })
        await world.eventually('the call is in flight', () => stage().record.started === 1)
        const stream = await world.connectRaw(server)
        const seen = collect(stream)
        if (welcomed === true) await shakeHands(world, stream, seen)
        stream.send(bytes)
        await world.eventually('it was closed', () => seen.closed || seen.ended)
        const reason = () => log.find(({ level, facts }) => level === 'warn' && 'code' in facts)
        await world.eventually('it was logged', () => reason() !== undefined)
        expect(reason()?.facts.code).toBe(code)
        expect(reason()?.facts.connection).toBe('c2')
        expect(reason()?.facts.remote).toMatch(world.virtual ? /^memory:$/ : /^tcp:\/\/127\.0\.0\.1:\d+$/)
        stage().record.release.get('through it all')?.()
        expect(await world.run(waiting)).toEqual({ text: 'through it all' })
        stream.abort()
      },
    )

    it('in the body of a call fails that call and nothing else', async () => {
      const { world, server, log } = stage()
      const stream = await world.connectRaw(server)
      const seen = collect(stream)
      await shakeHands(world, stream, seen)
      stream.send(
        framed(call(1, 'lab/echo', '{"text":'), call(3, 'lab/echo', '{"text":5}'), call(5, 'lab/ecko', '{}')),
      )
      stream.send(framed(call(7, 'lab/echo', '{"text":"still here"}')))
      const text = () => String.fromCharCode(...seen.bytes)
      await world.eventually('the last call was answered', () => text().includes('still here'))
      expect(text().match(/INVALID_ARGUMENT/g)).toHaveLength(2)
      expect(text()).toMatch(/UNIMPLEMENTED.*no procedure "lab\/ecko"\. Did you mean lab\/echo\?/)
      expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
      expect(seen.closed || seen.ended).toBe(false)
      stream.abort()
      await world.eventually('it is gone', () => server.connections.size === 0)
    })
  })

  it('silence for 10 s ends with HELLO_TIMEOUT, and not a millisecond earlier', async () => {
    const world = memoryWorld()
    const stage = setStage(world)
    const seen = collect(await world.connectRaw(stage.server))
    await world.clock.advance(9_999)
    expect(stage.server.connections.size).toBe(1)
    await world.clock.advance(1)
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({ code: 'HELLO_TIMEOUT' })
    expect(seen.ended).toBe(true)
    await world.close(stage.server)
  })

  it('a hello whose context never comes ends with HELLO_TIMEOUT, too', async () => {
    const world = memoryWorld()
    const stage = setStage(world, { context: () => new Promise(() => undefined) })
    const client = await world.connect(stage.server, lab)
    await expect(world.run(client.nothing())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(stage.log.find(({ level }) => level === 'warn')?.facts).toMatchObject({ code: 'HELLO_TIMEOUT' })
    await world.close(stage.server)
  })

  it('a flood of calls with names that nobody has costs no more than a line each', async () => {
    const world = memoryWorld({ chunking: 'merged' })
    const stage = setStage(world)
    const stream: ByteStream = await world.connectRaw(stage.server)
    const seen = collect(stream)
    const name = `lab/${'\u202e'}${'x'.repeat(900)}`
    await shakeHands(world, stream, seen)
    stream.send(framed(...Array.from({ length: 50 }, (_, index) => call(2 * index + 1, name, undefined))))
    const text = () => new TextDecoder().decode(Uint8Array.from(seen.bytes))
    await world.eventually('all were refused', () => text().split('UNIMPLEMENTED').length === 51)
    expect(text()).not.toContain('\u202e')
    expect(seen.bytes.length).toBeLessThan(50 * 250)
    stream.abort()
    await world.close(stage.server)
  })
})
