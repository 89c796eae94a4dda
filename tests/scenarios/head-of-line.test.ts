import { type Client, createClient } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import type { ByteStream } from '@frameport/framing'
import { type BackendName, probe } from '@frameport/iocp-core'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startLimiter } from './network/limiter.ts'

const KiB = 1024
const documents = contract('documents', {
  version: 1,
  procedures: {
    get: procedure({ output: bytes() }),
    put: procedure({ input: bytes() }),
    echo: procedure({ input: z.number(), output: z.number() }),
  },
})
type Documents = Client<typeof documents>

const document = new Uint8Array(960 * KiB)
const inFlight = 8
const bitsPerSecond = 16_000_000

/**
 * The maximum time that a small call may wait. All inputs begin immediately, each with one piece, because the ids of
 * calls increase on the wire. `net` cannot set TCP_NOTSENT_LOWAT: there the kernel buffers as much as its send buffer
 * has grown to, so the bound only shows that small calls do not wait for all long bodies.
 */
const boundMs = { results: { native: 100, net: 3_900 }, inputs: { native: 250, net: 3_900 } }

/**
 * The time that other processes may take from one call that is measured by the clock. The line is four times as slow
 * for all calls.
 */
const stallsMs = 1_000

interface Answer {
  readonly tookMs: number
  /**
   * The time that the line needs for everything that arrived between the call and its answer. A stall of this machine
   * only adds the data that gathered during it.
   */
  readonly lineMs: number
}

/** Makes small calls, one after the other, while the long calls are in flight. */
async function answers(
  client: Documents,
  received: () => number,
  long: () => Promise<unknown>,
): Promise<readonly Answer[]> {
  await client.echo(0)
  let open = inFlight
  const calls = Array.from({ length: inFlight }, async () => {
    await long()
    open -= 1
  })
  const all: Answer[] = []
  while (open > 0) {
    const startedMs = performance.now()
    const receivedBefore = received()
    expect(await client.echo(all.length)).toBe(all.length)
    const lineMs = msOnTheLine(received() - receivedBefore)
    all.push({ tookMs: performance.now() - startedMs, lineMs })
  }
  await Promise.all(calls)
  return all
}

const msOnTheLine = (bytes: number) => (bytes * 8_000) / bitsPerSecond

/** A client over TCP, and the number of bytes that it has received. */
function countingClient(url: string, backend: BackendName): { client: Documents; received: () => number } {
  let bytes = 0
  const connector = tcp(url, { backend })
  const client = createClient(documents, {
    ...connector,
    async connect(options) {
      const stream = (await connector.connect(options)) as ByteStream
      const start = stream.start.bind(stream)
      stream.start = (sink) =>
        start({
          data: (chunk) => {
            bytes += chunk.length
            sink.data(chunk)
          },
          end: () => sink.end(),
          drain: () => sink.drain(),
          close: (error) => sink.close(error),
        })
      return stream
    },
  })
  return { client, received: () => bytes }
}

/** The smallest value that at least this share of all values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
}

for (const { backend, available, reason } of probe().filter(({ cause }) => cause !== 'other_system')) {
  describe(`on ${backend}, over a line of 16 Mbit/s`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)

    async function measure(long: (client: Documents) => Promise<unknown>) {
      const handlers = implement(documents).handlers({
        get: () => document,
        put: () => undefined,
        echo: ({ input }) => input,
      })
      // Client and server have their own ports, as in real programs.
      const server = createServer(handlers, { backend })
      const listener = await server.listen('tcp://127.0.0.1:0')
      const limiter = await startLimiter(listener.url, {
        bitsPerSecond,
        receiveBufferBytes: 32 * KiB,
        pieceBytes: 32 * KiB,
      })
      const { client, received } = countingClient(limiter.url, backend)
      const startedMs = performance.now()
      const all = await answers(client, received, () => long(client))
      const tookMs = performance.now() - startedMs
      await client.$close()
      await server.close()
      const carried = await limiter.close()
      expect(listener.backend).toBe(backend)
      return { all, tookMs, carried }
    }

    const kind = backend === 'net' ? 'net' : 'native'
    const longBytes = inFlight * document.length

    test.each([
      ['results', 'down', (client: Documents) => client.get()],
      ['inputs', 'up', (client: Documents) => client.put(document)],
    ] as const)(
      'a small call does not wait for eight %s of 960 KiB',
      { timeout: 120_000 },
      async (what, direction, long) => {
        const { all, tookMs, carried } = await measure(long)
        const times = all.map((answer) => answer.tookMs)
        const [median, longest] = [quantile(times, 0.5), Math.max(...times)]
        process.stdout.write(
          `${backend}, behind eight ${what}: ${all.length} answers, half of them within ${median.toFixed(0)} ms, the longest ${longest.toFixed(0)} ms\n`,
        )
        // The line was as slow as configured, carried all data, and small calls were in flight throughout.
        expect(carried[direction]).toBeGreaterThan(longBytes)
        expect(tookMs).toBeGreaterThan(msOnTheLine(longBytes) * 0.9)
        const bound = boundMs[what][kind]
        expect(all.length).toBeGreaterThan(msOnTheLine(longBytes) / (bound + stallsMs) / 2)
        // Most answers waited for no more than this on the line, and for little longer on the clock of a busy machine.
        // After a stall of this process, an answer follows all data that gathered during the stall.
        const lines = all.map(({ lineMs }) => lineMs)
        expect(quantile(lines, 0.9)).toBeLessThan(bound)
        expect(Math.max(...lines)).toBeLessThan(4 * bound)
        expect(quantile(times, 0.8)).toBeLessThan(bound + stallsMs)
      },
    )
  })
}
