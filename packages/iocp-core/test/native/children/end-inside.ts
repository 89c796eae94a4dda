import type { BackendName, Connection } from '../../../src/index.ts'
import { startLoad } from './load.ts'

/** Where the environment ends: in each callback, in an exit hook, and in a timer. */
export const places = ['onConnection', 'data', 'drain', 'end', 'close', 'exit hook', 'timer'] as const

export type Place = (typeof places)[number]

const nothing = { data() {}, end() {}, drain() {}, close() {} }

/** Puts a port under load and calls `end` (which exits or throws) in that place. */
export async function endInside(backend: BackendName, place: Place, end: () => void): Promise<void> {
  const port = await startLoad(backend, 4)
  if (place === 'timer') return void setTimeout(end, 20)
  const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
    if (place === 'onConnection') end()
    connection.start({
      ...nothing,
      data: (chunk) => void connection.send(chunk),
      end: () => connection.end(),
    })
  })
  const client = await port.connect(listener.url)
  client.start(place === 'exit hook' ? nothing : { ...nothing, [place]: end })
  if (place === 'drain') client.send(new Uint8Array(4 * 1024 * 1024))
  else client.send(new Uint8Array(64))
  if (place === 'end') client.end()
  if (place === 'close') client.abort()
  if (place !== 'exit hook') return
  process.on('exit', () => useEverything(client))
  end()
}

/** Makes calls that need the event loop, which does not run any more: they must do no harm. */
function useEverything(client: Connection): void {
  client.send(new Uint8Array(100))
  client.send(new Uint8Array(1024 * 1024))
  client.pause()
  client.resume()
  client.end()
  client.abort()
}
