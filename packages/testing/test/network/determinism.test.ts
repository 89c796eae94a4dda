import { createClient } from '@frameport/client'
import type { ByteStream } from '@frameport/framing'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSimNetwork, type SimNetwork } from '../../src/index.ts'
import { patterned, record } from '../recorder.ts'
import { connectFrom, listenAt } from './support.ts'

const echo = contract('echo', {
  version: 1,
  procedures: { say: procedure({ input: z.string(), output: z.string() }) },
})

/** The data that arrives at a host from another one, piece by piece, with times and bytes. */
async function trace(
  network: SimNetwork,
  [from, to]: readonly [string, string],
  lines: string[] = [],
): Promise<string[]> {
  const [client, server] = [network.host(from), network.host(to)]
  await server.acceptor(5500).listen({
    accepted(stream) {
      record(stream, (chunk) => void lines.push(`${network.clock.nowMs()} ${chunk.join(' ')}`))
    },
    acceptFailed: () => undefined,
  })
  for (let attempt = 0; attempt < 3; attempt++) {
    const stream = await network.clock.until(connectFrom(client, `${to}:5500`))
    record(stream)
    for (let sent = 0; sent < 5; sent++) {
      stream.send(patterned(3_000))
      await network.clock.advance(client.environment.random() * 5)
    }
    network.between(from, to).cut()
    await network.clock.advance(100)
  }
  return lines
}

/**
 * A client and a server over a network with faults. Returns every piece that the kernel delivers to the server, and the
 * outcomes of the calls.
 */
async function traceOfCalls(seed: number): Promise<string[]> {
  const network = createSimNetwork({ seed, pieceBytesMax: 20 })
  const { clock } = network
  const [clientHost, serverHost] = [network.host('client', { clockRate: 0.999 }), network.host('server')]
  const lines: string[] = []
  const handlers = implement(echo).handlers({ say: ({ input }) => `${input}, ${clock.nowMs()}` })
  const serve = async () => {
    const { environment } = serverHost
    const acceptor = serverHost.acceptor(5500)
    await createServer(handlers, { environment, log: false }).listen({
      url: acceptor.url,
      listen: (events) =>
        acceptor.listen({
          ...events,
          accepted(stream, from) {
            watch(stream, (chunk) => void lines.push(`${clock.nowMs()} ${chunk.join(' ')}`))
            events.accepted(stream, from)
          },
        }),
    })
  }
  await serve()
  for (let round = 0; round < 4; round++) {
    const client = createClient(echo, clientHost.connector('server:5500'), {
      environment: clientHost.environment,
    })
    for (let call = 0; call < 5; call++) {
      const told = (outcome: string) => void lines.push(`${clock.nowMs()} ${call} ${outcome}`)
      client.say(`call ${call}`).then(told, ({ code }) => told(code))
      await clock.advance(2)
    }
    if (round === 1) network.connections[0]?.cut('reset', { direction: 'there', afterBytes: 30 })
    if (round === 2) serverHost.kill('end')
    if (round === 3) network.between('client', 'server').hold()
    await clock.advance(20_000)
    if (serverHost.state === 'stopped') {
      serverHost.start()
      await serve()
    }
    network.between('client', 'server').release()
    void client.$close()
    await clock.advance(20_000)
  }
  return lines
}

/** Calls `see` with each chunk that the owner of a stream gets. */
function watch(stream: ByteStream, see: (chunk: Uint8Array) => void): void {
  const start = stream.start.bind(stream)
  stream.start = (sink) =>
    start({
      data(chunk) {
        see(chunk)
        sink.data(chunk)
      },
      end: () => sink.end(),
      drain: () => sink.drain(),
      close: (error) => sink.close(error),
    })
}

describe('a run', () => {
  it('is identical for the same seed, byte for byte, and different for another seed', async () => {
    const first = await trace(createSimNetwork({ seed: 1 }), ['a', 'b'])
    expect(first.length).toBeGreaterThan(20)
    expect(await trace(createSimNetwork({ seed: 1 }), ['a', 'b'])).toEqual(first)
    expect(await trace(createSimNetwork({ seed: 2 }), ['a', 'b'])).not.toEqual(first)
    expect(await trace(createSimNetwork({ seed: 1 + 2 ** 32 }), ['a', 'b'])).not.toEqual(first)
  })

  it('of a client and a server with faults is identical for the same seed', async () => {
    const first = await traceOfCalls(5)
    expect(first.some((line) => line.endsWith('UNAVAILABLE'))).toBe(true)
    expect(first.filter((line) => / call \d, /.test(line)).length).toBeGreaterThan(4)
    expect(await traceOfCalls(5)).toEqual(first)
    expect(await traceOfCalls(6)).not.toEqual(first)
  })

  it('is not affected by another network at the same time', async () => {
    const alone = await trace(createSimNetwork({ seed: 3 }), ['a', 'b'])
    const [beside, other] = await Promise.all([
      trace(createSimNetwork({ seed: 3 }), ['a', 'b']),
      trace(createSimNetwork({ seed: 4 }), ['a', 'b']),
    ])
    expect(beside).toEqual(alone)
    expect(other).not.toEqual(alone)
  })

  it('has random values for a connection that depend on its hosts only: other connections do not change them', async () => {
    const alone = await trace(createSimNetwork({ seed: 3 }), ['a', 'b'])
    const network = createSimNetwork({ seed: 3 })
    const [c, d] = [network.host('c'), network.host('d')]
    const accepted = await listenAt(d)
    const toC = connectFrom(c, 'd:5500')
    const lines: string[] = []
    const withOthers = trace(network, ['a', 'b'], lines)
    toC.then((stream) => {
      stream.send(patterned(50_000))
      c.environment.random()
    })
    await withOthers
    expect(accepted).toHaveLength(1)
    expect(lines.map(bytesOf)).toEqual(alone.map(bytesOf))
    expect(lines).toEqual(alone)
  })
})

function bytesOf(line: string): string {
  return line.slice(line.indexOf(' '))
}
