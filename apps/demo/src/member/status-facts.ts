import type { FileProgress } from './file-progress.ts'
import type { OutageFacts } from './outage.ts'

/** The state of the room, the connection and the files that a member sees. */
export interface StatusFacts {
  readonly room: string
  /** Without those who are away. */
  readonly members: number
  readonly away: number
  /** Present if there is no connection, or if the server does not answer. */
  readonly outage?: (OutageFacts & { readonly isSilent: boolean }) | undefined
  readonly typing: readonly string[]
  /** The files that this member offers, sends or takes. */
  readonly files: readonly FileProgress[]
}
