import type { HandledCalls } from '@frameport/protocol/contract'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Acceptor } from './acceptor.ts'
import type { ServerDiagnostics } from './diagnostics-types.ts'

/** A transport for one server: it owns URL schemes and listener options. */
export interface ServerTransport {
  /** The schemes without the colon: `tcp`. An endpoint object has one of them as its `kind`. */
  readonly schemes: readonly string[]
  /** The names of the options of `listen` for this transport. */
  readonly optionNames: readonly string[]
  /** @throws an error that describes what is wrong with the target */
  acceptor(target: string | object, options: object): Acceptor
  /** Frees what its acceptors share. Called once, when the server is closed and its connections are gone. */
  close(): Promise<void>
}

/** Returns a text of fixed length that reveals nothing about the bytes. */
export type Digest = (kind: string, bytes: Uint8Array | string) => string

/** The services of the platform. One object is created for each server. */
export interface ServerPlatform {
  readonly environment: SessionEnvironment
  /** Tracks the handler in which a call is made. Called by a server that calls its clients. */
  handledCalls(): HandledCalls
  /**
   * Creates digests that reveal nothing about credentials, and are equal for equal ones. Called by a server whose
   * sessions are resumed.
   */
  digest(): Digest
  /** Publishes diagnostics. Absent on a platform without diagnostics channels. */
  readonly diagnostics?: ServerDiagnostics | undefined
  /** The transports of this build. The first one reports an address without a known scheme. */
  readonly transports: readonly [ServerTransport, ...ServerTransport[]]
}
