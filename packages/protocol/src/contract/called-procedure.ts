import type { CallKind } from '../envelope/call-kind.ts'

/** The procedure that is called. */
export interface CalledProcedure {
  /** The name of the contract: `chat`. */
  readonly contract: string
  /** The path inside the contract: `files.put`. */
  readonly path: string
  /** The contract and the path: `chat/files.put`. */
  readonly fullName: string
  /** The kind of call that the contract declares. */
  readonly callKind: CallKind
  /** Whether the contract allows a repeated call. */
  readonly idempotent: boolean
}
