import { attachFrames, type ByteStream } from '@frameport/framing'
import { realEnvironment } from '@frameport/iocp-core'
import type { SessionCloseReason } from '@frameport/protocol'
import {
  createSession,
  type DroppedOneway,
  type IncomingCall,
  type Session,
  type SessionLimits,
} from '@frameport/protocol/session'

/** One of our sessions without the typed client and server above it, and its records. */
export interface OurSession {
  readonly session: Session
  readonly opened: Promise<void>
  readonly closed: Promise<SessionCloseReason>
  readonly dropped: readonly DroppedOneway[]
}

export interface OurSessionOptions {
  /** Answers the calls of the peer. Default: refuses each. */
  readonly answer?: (call: IncomingCall) => void
  readonly limits?: Partial<SessionLimits>
}

/** Starts a session on an open connection. */
export function ourSession(
  role: 'client' | 'server',
  connection: ByteStream,
  { answer = (call) => call.end(), limits = {} }: OurSessionOptions = {},
): OurSession {
  const dropped: DroppedOneway[] = []
  let opened = () => {}
  let closed: (reason: SessionCloseReason) => void = () => undefined
  const ours = {
    opened: new Promise<void>((resolve) => {
      opened = resolve
    }),
    closed: new Promise<SessionCloseReason>((resolve) => {
      closed = resolve
    }),
  }
  const session = createSession({
    role,
    environment: realEnvironment,
    contracts: [],
    limits,
    handlers: {
      opened,
      call: answer,
      event: () => undefined,
      onewayDropped: (one) => void dropped.push(one),
      goaway: () => undefined,
      closed,
    },
  })
  session.attach(attachFrames(connection))
  return { session, dropped, ...ours }
}
