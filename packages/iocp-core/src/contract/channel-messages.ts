import type { BackendName } from './backend-note.ts'
import type { Listener } from './completion-port.ts'
import type { Connection } from './connection.ts'

/** The message of the channel `frameport.iocp-core.connect`. All events of one `connect` share one object. */
export interface ConnectMessage {
  /** The target of the connect: `tcp://127.0.0.1:5500`. */
  readonly url: string
  /** The back end of the port. */
  readonly backend: BackendName
  /** The connection. `undefined` until the connect has succeeded. */
  connection: Connection | undefined
  /** Why the connect failed: an IocpError. Absent unless it has failed. */
  error?: unknown
}

/** The message of the channel `frameport.iocp-core.connection`. */
export interface PortConnectionMessage {
  /** `accepted`: a listener accepted it. `connected`: `connect` made it. `closed`: it is gone, and its descriptor is closed. */
  readonly state: 'accepted' | 'connected' | 'closed'
  /** The connection. */
  readonly connection: Connection
  /** Why the connection did not end in order. Set only for `closed`, and `undefined` if both sides ended it. */
  readonly error: Error | undefined
}

/** The message of the channel `frameport.iocp-core.listener`. */
export interface ListenerMessage {
  /** `accept-failed`: the system has refused an accept (EMFILE, ENFILE, ENOBUFS, ECONNABORTED). The listener tries again. */
  readonly state: 'listening' | 'accept-failed' | 'closed'
  /** The listener. */
  readonly listener: Listener
  /** The error of a failed accept; otherwise `undefined`. */
  readonly error: Error | undefined
}
