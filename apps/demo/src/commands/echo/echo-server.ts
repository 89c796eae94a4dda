import { attachFrames, type FrameChannel, FramingError } from '@frameport/framing'
import type { Connection, Endpoint } from '@frameport/iocp-core'

export interface EchoOptions {
  readonly frameBytesMax: number
  /** Called with the address of a broken connection, and the reason. */
  readonly log: (line: string) => void
}

/** Sends every frame back on its connection. While the send queue is full, it stops reading. */
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
