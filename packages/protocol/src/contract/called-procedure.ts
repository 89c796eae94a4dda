import type { CallKind } from '../envelope/call-kind.ts'

/** Which procedure is being called. */
export interface CalledProcedure {
  /** `chat`. */
  readonly contract: string
  /** `files.put`. */
  readonly path: string
  /** `chat/files.put`. */
  readonly fullName: string
  readonly callKind: CallKind
  readonly idempotent: boolean
}
