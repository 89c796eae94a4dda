import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { probe } from '@frameport/iocp-core'
import { afterEach, describe, expect, test } from 'vitest'
import { noBody } from '../support/envelopes.ts'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { Figures, Listening } from './children/held-memory.ts'
import { frameOf, openRawSocket, type RawSocket } from './raw-socket.ts'
import { realTime } from './worlds/world.ts'

const MiB = 1024 * 1024
const program = fileURLToPath(new URL('children/held-memory.ts', import.meta.url))
const execArgv = ['--expose-gc', ...typescriptArguments]

const children: ChildProcess[] = []
const sockets: RawSocket[] = []
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.destroy()
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts a server in its own process, and watches its memory from now on. */
async function startServer(backend: string, slots = 4) {
  const child = fork(program, ['serve', backend, String(slots)], { execArgv })
  children.push(child)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`held-memory.ts ended with ${code}`)
  })
  ended.catch(() => undefined)
  const next = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  const ask = async (what: 'watch' | 'figures'): Promise<Figures> => {
    child.send(what)
    return next()
  }
  const listening: Listening = await next()
  expect(listening.backend).toBe(backend)
  await ask('watch')
  /** Repeats the request until the answer meets the condition, for at most half a minute. */
  const until = async (wanted: (figures: Figures) => boolean): Promise<Figures> => {
    const giveUpAtMs = performance.now() + 30_000
    for (;;) {
      const figures = await ask('figures')
      if (wanted(figures)) return figures
      if (performance.now() > giveUpAtMs) throw new Error(`never: ${JSON.stringify(figures)}`)
    }
  }
  const open = async () => {
    const socket = await openRawSocket(listening.url)
    sockets.push(socket)
    return socket
  }
  return { ...listening, ask, until, open }
}

/**
 * Waits until the server has answered this many calls. If no answer follows for five seconds, the server has stopped
 * reading.
 */
async function answered(ask: (what: 'figures') => Promise<Figures>, replies: number): Promise<boolean> {
  const giveUpAtMs = performance.now() + 5_000
  while (performance.now() < giveUpAtMs) if ((await ask('figures')).replies >= replies) return true
  return false
}

/** Repeats the request until many consecutive answers are the same. */
async function settled(ask: (what: 'figures') => Promise<Figures>): Promise<Figures> {
  let last = await ask('figures')
  for (let same = 0; same < 50; ) {
    const now = await ask('figures')
    same = now.replies === last.replies && now.countedMiB === last.countedMiB ? same + 1 : 0
    last = now
  }
  return last
}

/**
 * Memory in addition to what is counted: code that is compiled meanwhile, buffers of a back end, garbage of a few
 * replies.
 */
const besideMiB = 96
/**
 * All data from the peers may be garbage that is not collected yet: on `net` twice, in the chunks of Node.js and in the
 * assembled frame.
 */
const garbageMiB = 400
const replies = 30

for (const { backend, available, reason } of probe().filter(({ cause }) => cause !== 'other_system')) {
  describe.skipIf(process.platform !== 'linux')(`on ${backend}`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)

    test(`of ${replies} calls for 8 MiB by a reader that has stopped, callsInFlightMax are kept and the others are refused`, async () => {
      const { replyBytes, callsInFlightMax, ask, until, open } = await startServer(backend)
      const { socket, bodyBytes, failures } = await open()
      socket.pause()
      const call = { kind: 'call', upload: false, metadata: {}, body: noBody } as const
      const calls = Array.from({ length: replies }, (_, at) =>
        frameOf({ ...call, procedure: 'held@1/reply', callId: 1 + 2 * at }),
      )
      socket.write(Buffer.concat(calls))
      await until((figures) => figures.replies > 0)
      const paused = await settled(ask)
      process.stdout.write(`${backend}, paused: ${JSON.stringify(paused)}\n`)
      expect(paused.replies).toBe(callsInFlightMax)
      expect(paused.peakMiB).toBeLessThan((callsInFlightMax * replyBytes) / MiB + besideMiB)
      socket.resume()
      const whole = () => [...bodyBytes.values()].filter((bytes) => bytes === replyBytes).length
      await realTime.eventually('those have come whole', () => whole() === callsInFlightMax)
      await realTime.eventually(
        'the others have failed',
        () => failures.length === replies - callsInFlightMax,
      )
      expect(new Set(failures)).toEqual(new Set(['RESOURCE_EXHAUSTED']))
      expect(await until(({ countedMiB }) => countedMiB < 1)).toMatchObject({ handlers: 0, connections: 1 })
    }, 60_000)

    test('a reader that has stopped, and repeatedly calls for 8 MiB, is no longer read from when a few answers wait', async () => {
      const { replyBytes, ask, until, open } = await startServer(backend, 100)
      const { socket, bodyBytes } = await open()
      socket.pause()
      const call = { kind: 'call', upload: false, metadata: {}, body: noBody } as const
      let isRead = true
      for (let at = 0; at < replies; at++) {
        socket.write(frameOf({ ...call, procedure: 'held@1/reply', callId: 1 + 2 * at }))
        // Each call is answered before the next one is made, until one is not read, because calls that are read
        // together are answered together.
        if (isRead) isRead = await answered(ask, at + 1)
      }
      const paused = await settled(ask)
      process.stdout.write(`${backend}, paused behind each call: ${JSON.stringify(paused)}\n`)
      // The turns of the event loop determine how many calls are answered before the server notices that the connection
      // is full.
      expect(paused.replies).toBeLessThan(replies - 10)
      expect(paused.peakMiB).toBeLessThan(((replies - 10) * replyBytes) / MiB + besideMiB)
      socket.resume()
      const whole = () => [...bodyBytes.values()].filter((bytes) => bytes === replyBytes).length
      await realTime.eventually('all have come whole', () => whole() === replies)
      expect(await until(({ countedMiB }) => countedMiB < 1)).toMatchObject({ handlers: 0, connections: 1 })
    }, 60_000)

    test('20 MiB of an incomplete frame on each of ten connections are limited to memoryBytesMax and released', async () => {
      const { ask, until, open, memoryBytesMax, frameBytesMax } = await startServer(backend)
      const opened = await Promise.all(Array.from({ length: 10 }, () => open()))
      const begun = Buffer.alloc(4 + 20 * MiB)
      begun.writeUInt32BE(22 * MiB)
      for (const { socket } of opened) socket.write(begun)
      const { givenUp } = await until((figures) => figures.givenUp >= 7)
      expect(givenUp).toBeLessThan(10)
      const gone = await until((figures) => figures.connections === 0)
      await realTime.eventually('every socket is closed', () => opened.every((one) => one.isClosed))
      process.stdout.write(`${backend}, stalled frames: ${JSON.stringify(gone)}\n`)
      // A connection over the budget ends in a later turn, so one or two frames can arrive before that.
      expect(gone.countedPeakMiB).toBeLessThan((memoryBytesMax + 2 * frameBytesMax) / MiB)
      expect(gone.peakMiB).toBeLessThan(memoryBytesMax / MiB + garbageMiB)
      expect(await ask('figures')).toMatchObject({ connections: 0, countedMiB: 0 })
    }, 60_000)
  })
}
