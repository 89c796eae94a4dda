import type { BackendName } from './backend-note.ts'
import type { Listener } from './completion-port.ts'
import type { Connection } from './connection.ts'

/** The message of `frameport.iocp-core.connect`: one object for all events of one `connect`. */
export interface ConnectMessage {
  /** What to connect to: `tcp://127.0.0.1:5500`. */
  readonly url: string
  readonly backend: BackendName
  /** Once it is there. */
  connection: Connection | undefined
  /** Why there is none: an IocpError. */
  error?: unknown
}

/** The message of `frameport.iocp-core.connection`. */
export interface PortConnectionMessage {
  /** By a listener, or by `connect`; or the connection is gone. */
  readonly state: 'accepted' | 'connected' | 'closed'
  readonly connection: Connection
  /** Of one that is closed and did not end in order. */
  readonly error: Error | undefined
}

/** The message of `frameport.iocp-core.listener`. */
export interface ListenerMessage {
  /** `accept-failed`: the system has refused an accept, which is tried again (EMFILE, ENFILE, ENOBUFS, ECONNABORTED). */
  readonly state: 'listening' | 'accept-failed' | 'closed'
  readonly listener: Listener
  /** Of an accept that has failed. */
  readonly error: Error | undefined
}
