import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('limiter.py', import.meta.url))

export interface LimiterOptions {
  /** The rate in each direction of each connection. */
  readonly bitsPerSecond: number
  /** SO_RCVBUF of its sockets. */
  readonly receiveBufferBytes: number
  /** The bytes that the proxy itself buffers in addition. */
  readonly pieceBytes: number
}

/** A slow network in front of a listener. */
export interface Limiter {
  /** The URL that leads to the listener through it. */
  readonly url: string
  /** Stops it. Resolves with the bytes that it carried in each direction. */
  close(): Promise<{ readonly up: number; readonly down: number }>
}

/** Starts the proxy of limiter.py in front of `url`. @throws if it does not start, with its output */
export async function startLimiter(
  url: string,
  { bitsPerSecond, receiveBufferBytes, pieceBytes }: LimiterOptions,
): Promise<Limiter> {
  const { hostname, port } = new URL(url)
  const numbers = [port, bitsPerSecond, receiveBufferBytes, pieceBytes].map(String)
  const child = spawn('python3', ['-u', script, hostname, ...numbers])
  const lines = linesOf(child)
  const started = (await lines()) as { readonly port: number }
  return {
    url: `tcp://127.0.0.1:${started.port}`,
    async close() {
      child.stdin.end()
      const [up, down] = ((await lines()) as { readonly bytes: readonly [number, number] }).bytes
      return { up, down }
    },
  }
}

function linesOf(child: ChildProcessWithoutNullStreams): () => Promise<unknown> {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = Promise.race([once(child, 'close'), once(child, 'error')])
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return async () => {
    const { done, value } = await lines.next()
    if (done !== true) return JSON.parse(value)
    const [reason] = await ended
    throw new Error(`limiter.py ended and had said no more (${reason}). ${errors}`)
  }
}
