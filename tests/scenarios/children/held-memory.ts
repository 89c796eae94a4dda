/**
 * A server in its own process, so that its memory is its own: `held-memory.ts serve BACKEND [SLOTS]`. It exchanges
 * messages with the process that forked it.
 */
import type { BackendName } from '@frameport/iocp-core'
import { bytes, contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { watchMemory } from './resident-memory.ts'

const MiB = 1024 * 1024
const replyBytes = 8 * MiB

/** A single frame may be as long as what a peer leaves incomplete, and memoryBytesMax limits all of them together. */
const limits = {
  frameBytesMax: 24 * MiB,
  bodyBytesMax: 24 * MiB,
  memoryBytesMax: 64 * MiB,
  callsInFlightMax: Number(process.argv[4] ?? 4),
  frameTimeoutMs: 3_000,
  // The heartbeat ends a connection whose frame does not continue.
  heartbeatIntervalMs: 1_500,
  heartbeatTimeoutMs: 1_500,
  frameBytesPerSecondMin: 100 * MiB,
}

const held = contract('held', {
  version: 1,
  procedures: { reply: procedure({ output: bytes() }), nothing: procedure({}) },
})

/** The first message to the process that forked this one. */
export interface Listening {
  readonly url: string
  readonly backend: string
  readonly replyBytes: number
  readonly memoryBytesMax: number
  readonly frameBytesMax: number
  readonly callsInFlightMax: number
}

/** The answer to each request. */
export interface Figures {
  /** The growth of the resident memory since watchMemory() was called. */
  readonly peakMiB: number
  readonly replies: number
  readonly connections: number
  readonly handlers: number
  readonly givenUp: number
  /** The bytes that the server counts for its clients now, and their maximum. */
  readonly countedMiB: number
  readonly countedPeakMiB: number
}

async function serve(backend: BackendName) {
  let replies = 0
  const server = createServer(
    implement(held).handlers({
      // Asynchronous, so that all calls that arrive together have begun before the first one is answered.
      reply: async () => new Uint8Array(replyBytes).fill(++replies),
      nothing: () => undefined,
    }),
    { backend: backend, limits, log: false },
  )
  const listener = await server.listen('tcp://127.0.0.1:0')
  const tell = (told: Listening | Figures) => process.send?.(told)
  let peak = () => 0
  let countedPeakMiB = 0
  const counted = () => server.stats().memory.bytes / MiB
  const look = setInterval(() => {
    countedPeakMiB = Math.max(countedPeakMiB, counted())
  }, 5)

  process.on('message', (asked) => {
    if (asked === 'watch') peak = watchMemory()
    const { connections, handlersInFlight: handlers, memory } = server.stats()
    const { connectionsGivenUp: givenUp } = memory
    const figures = { replies, connections, handlers, givenUp, countedMiB: counted(), countedPeakMiB }
    tell({ peakMiB: peak(), ...figures })
  })
  process.once('disconnect', () => {
    clearInterval(look)
    void server.close()
  })
  const { memoryBytesMax, frameBytesMax, callsInFlightMax } = limits
  const told = { memoryBytesMax, frameBytesMax, callsInFlightMax, replyBytes }
  tell({ url: listener.url, backend: listener.backend, ...told })
}

const [role, backend] = process.argv.slice(2)
if (role === 'serve') await serve(backend as BackendName)
