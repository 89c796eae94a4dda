import type { HandledCalls } from '@frameport/protocol/contract'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Acceptor } from './acceptor.ts'
import type { ServerDiagnostics } from './diagnostics-types.ts'

/** A way to listen that owns the schemes of its URLs and its options, for one server. */
export interface ServerTransport {
  /** Without the colon: `tcp`. An endpoint object has one of them as its `kind`. */
  readonly schemes: readonly string[]
  /** Names of options that `listen` takes for it. */
  readonly optionNames: readonly string[]
  /** @throws an error that says what is wrong with the target */
  acceptor(target: string | object, options: object): Acceptor
  /** Frees what its acceptors shared. Called once, when the server is closed and its connections are gone. */
  close(): Promise<void>
}

/** A text of fixed length that says nothing of the bytes it was made of. */
export type Digest = (kind: string, bytes: Uint8Array | string) => string

/** What a server takes from where it runs. One is made for each server. */
export interface ServerPlatform {
  readonly environment: SessionEnvironment
  /** Knows in whose handler a call is made. Asked for by a server that calls its clients. */
  handledCalls(): HandledCalls
  /** Makes texts of credentials that say nothing of them, and are the same for the same. Asked for by a server whose sessions are resumed. */
  digest(): Digest
  /** Publishes diagnostics. Absent on a platform without diagnostics channels. */
  readonly diagnostics?: ServerDiagnostics | undefined
  /** What this build can listen on by itself. The first says what is wrong with an address of no known scheme. */
  readonly transports: readonly [ServerTransport, ...ServerTransport[]]
}
