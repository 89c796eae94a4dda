import { describe, expect, it } from 'vitest'
import { buildPrograms } from '../../bench/build-programs.ts'
import { bunListen, type Contestant, hasBun, yardsticks } from '../../bench/contestants.ts'
import { measure } from '../../bench/measure.ts'
import { ServerProcess } from '../../bench/server-process.ts'
import { WholeFrames } from '../../bench/servers/whole-frames.ts'
import { loadAddon } from '../../src/native/load-addon.ts'

const timeoutMs = 120_000
/** Like the benchmark, the test needs the addon, a compiler and taskset. */
const absent = process.platform !== 'linux' || !('addon' in loadAddon())

function frame(length: number, first: number): Buffer {
  const bytes = Buffer.alloc(4 + length)
  bytes.writeUInt32BE(length)
  for (let index = 0; index < length; index++) bytes[4 + index] = (first + index) % 251
  return bytes
}

function cut(stream: Buffer, pieceBytes: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < stream.length; at += pieceBytes)
    pieces.push(Buffer.from(stream.subarray(at, at + pieceBytes)))
  return pieces
}

describe('the frames of an expert', () => {
  const frames = [frame(0, 0), frame(1, 3), frame(64, 9), frame(3000, 17), frame(0, 0), frame(700, 5)]
  const stream = Buffer.concat(frames)
  const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1)).length)

  it.each([1, 2, 3, 4, 5, 7, 64, 100, 1000, stream.length - 1, stream.length])(
    'are answered unchanged in chunks of %d bytes, and none before it is whole',
    (pieceBytes) => {
      const whole = new WholeFrames()
      let came = 0
      let answered = Buffer.alloc(0)
      for (const piece of cut(stream, pieceBytes)) {
        came += piece.length
        const answer = whole.take(piece)
        if (answer !== undefined) answered = Buffer.concat([answered, answer])
        expect(answered.length).toBe(Math.max(0, ...ends.filter((end) => end <= came)))
      }
      expect(answered.equals(stream)).toBe(true)
    },
  )

  it('get one answer for one chunk, which shares no memory with it', () => {
    const chunk = Buffer.from(stream)
    const answer = new WholeFrames().take(chunk)
    chunk.fill(0)
    expect(Buffer.from(answer ?? []).equals(stream)).toBe(true)
  })

  it.each([[4], [1]])('are refused above the limit, in chunks of %d bytes', (pieceBytes) => {
    const whole = new WholeFrames()
    const header = Buffer.from([0, 0x10, 0, 1])
    expect(() => {
      for (const piece of cut(header, pieceBytes)) whole.take(piece)
    }).toThrow(RangeError)
    expect(new WholeFrames().take(Buffer.from([0, 0x10, 0, 0]))).toBeUndefined()
  })
})

const expert = yardsticks.find(({ name }) => name === 'node:net/expert')

describe.skipIf(absent)('the server of an expert', () => {
  async function echoes(contestant: Contestant | undefined): Promise<void> {
    if (contestant === undefined) throw new Error('there is no such contestant')
    const programs = await buildPrograms()
    const server = await ServerProcess.start(contestant, programs)
    const time = { warmUpMs: 20, measureMs: 50 }
    try {
      expect(await server.residentBytes()).toBeGreaterThan(0)
      // The load fails if an echo is wrong. About 5 MB in flight on a connection are more than its sockets hold.
      for (const [payloadBytes, connections, depth] of [
        [64, 4, 16],
        [300_000, 2, 16],
      ] as const) {
        const run = await measure(programs.load, server, payloadBytes, { connections, depth }, time)
        expect(run.framesPerSecond).toBeGreaterThan(0)
      }
    } finally {
      await server.stop()
    }
  }

  it('echoes over node:net, with more bytes in flight than the sockets hold', { timeout: timeoutMs }, () =>
    echoes(expert),
  )

  it.runIf(hasBun())('echoes over Bun.listen, where benchmarks/ is installed', { timeout: timeoutMs }, () =>
    echoes(bunListen),
  )
})
