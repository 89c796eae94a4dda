import { attachFrames, type FrameChannel, FramingError } from '@frameport/framing'
import type { Connection, Endpoint } from '@frameport/iocp-core'

/** Frames over this queued are held back in the peer: reading stops until the send queue has drained. */
export interface EchoOptions {
  readonly frameBytesMax: number
  /** Told why a connection broke, with who it was. */
  readonly log: (line: string) => void
}

/** Sends every frame back on the connection it came on, never faster than the peer takes it. */
export function echoFrames(connection: Connection, { frameBytesMax, log }: EchoOptions): FrameChannel {
  const channel = attachFrames(connection, { frameBytesMax })
  channel.start({
    frame(payload) {
      if (channel.send(payload) === 'full') channel.pause()
    },
    drain: () => channel.resume(),
    end: () => channel.end(),
    close(error) {
      if (error !== undefined) log(`${addressOf(connection.remoteEndpoint)}: ${reasonOf(error)}`)
    },
  })
  return channel
}

function reasonOf(error: Error): string {
  if (FramingError.is(error)) return `closed it, ${error.code}: ${error.message}`
  return `lost it, ${error.message}`
}

function addressOf(endpoint: Endpoint): string {
  return 'port' in endpoint ? `${endpoint.host}:${endpoint.port}` : endpoint.kind
}
