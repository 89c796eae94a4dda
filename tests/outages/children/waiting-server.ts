/**
 * A server in its own process, whose memory is measured: `waiting-server.ts BACKEND WINDOW_MS`. It sends its URL,
 * answers `figures`, and answers all calls after `answer`.
 */
import type { BackendName } from '@frameport/iocp-core'
import { createServer, implement } from '@frameport/server'
import { type WaitingFigures, waiting } from '../waiting-contract.ts'

const [backend, windowMs] = process.argv.slice(2) as [BackendName, string]

let answer: () => void = () => undefined
const told = new Promise<void>((resolve) => {
  answer = resolve
})

const handlers = implement(waiting).handlers({
  async hold({ input }) {
    await told
    return 'x'.repeat(input.bytes)
  },
})
const server = createServer(handlers, {
  backend,
  limits: { resumeWindowMs: Number(windowMs) },
})
const { url } = await server.listen('tcp://127.0.0.1:0')

function figures(): WaitingFigures {
  globalThis.gc?.()
  const { connections, connectionsDetached: detached, handlersInFlight, memory } = server.stats()
  const { heapUsed: heapBytes, arrayBuffers: bufferBytes, rss: residentBytes } = process.memoryUsage()
  let keptBytes = 0
  for (const connection of server.connections) keptBytes += connection.stats().memory.keptBytes
  return {
    connections,
    detached,
    handlers: handlersInFlight,
    countedBytes: memory.bytes,
    keptBytes,
    heapBytes,
    bufferBytes,
    residentBytes,
  }
}

process.on('message', (asked) => {
  if (asked === 'answer') answer()
  process.send?.(figures())
})
process.once('disconnect', () => void server.close())
process.send?.(url)
