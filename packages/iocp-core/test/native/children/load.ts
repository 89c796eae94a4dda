import assert from 'node:assert/strict'
import { type BackendName, type CompletionPort, createCompletionPort } from '../../../src/index.ts'

/** Opens connections that echo forever as fast as they can, with receives and queued sends in flight. */
export async function startLoad(backend: BackendName, connections: number): Promise<CompletionPort> {
  const port = createCompletionPort({ backend })
  const sink = { end: () => undefined, drain: () => undefined, close: () => undefined }
  const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
    connection.start({ ...sink, data: (chunk) => void connection.send(chunk) })
  })
  for (let index = 0; index < connections; index++) {
    const client = await port.connect(listener.url)
    client.start({ ...sink, data: (chunk) => void client.send(chunk) })
    client.send(new Uint8Array(index % 2 === 0 ? 64 : 100_000))
  }
  // The peer of this one never reads, so that a send stays in flight: no socket's buffers take this much.
  const unread = await port.listen('tcp://127.0.0.1:0', () => undefined)
  const stalled = await port.connect(unread.url)
  assert.equal(stalled.send(new Uint8Array(8 * 1024 * 1024)), 'full')
  return port
}
