import {
  attachFrames,
  type ByteStream,
  type FrameChannel,
  type FrameSink,
  openFrames,
} from '@frameport/framing'
import { type CompletionPortOptions, type Connection, createCompletionPort } from '@frameport/iocp-core'
import { announce } from './announce.ts'

/** The server on the public API of this project: `node frameport.js BACKEND callback|iterator`. */
const [backend, style] = process.argv.slice(2)

/** A callback borrows each frame and sends it. A class, so that a connection needs one object and not four. */
class LentEcho implements FrameSink {
  readonly #channel: FrameChannel

  constructor(connection: ByteStream) {
    this.#channel = attachFrames(connection)
    this.#channel.start(this)
  }

  frame(payload: Uint8Array): void {
    if (this.#channel.send(payload) === 'full') this.#channel.pause()
  }

  drain(): void {
    this.#channel.resume()
  }

  end(): void {
    this.#channel.end()
  }
}

/** A loop gets copies of the frames, which it may keep. */
async function echoCopied(connection: ByteStream): Promise<void> {
  const channel = openFrames(connection)
  for await (const payload of channel) {
    if (channel.send(payload) === 'full') await channel.drained()
  }
  channel.end()
}

const echo: Readonly<Record<string, (connection: Connection) => unknown>> = {
  callback: (connection) => new LentEcho(connection),
  iterator: echoCopied,
}
const onConnection = echo[style ?? '']
if (onConnection === undefined) throw new Error('The style is callback or iterator.')

const port = createCompletionPort({ backend: backend as NonNullable<CompletionPortOptions['backend']> })
const listener = await port.listen('tcp://127.0.0.1:0', onConnection)
if (port.backend !== backend) throw new Error(`The port took ${port.backend} instead of ${backend}.`)
announce('port' in listener.endpoint ? listener.endpoint.port : 0)
