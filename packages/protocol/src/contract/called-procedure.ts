/** Which procedure is being called. */
export interface CalledProcedure {
  /** `chat`. */
  readonly contract: string
  /** `files.put`. */
  readonly path: string
  /** `chat/files.put`. */
  readonly fullName: string
  /** True when it answers with items. */
  readonly stream: boolean
  readonly idempotent: boolean
}
