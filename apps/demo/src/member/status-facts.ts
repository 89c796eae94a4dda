import type { FileProgress } from './file-progress.ts'
import type { OutageFacts } from './outage.ts'

/** What a member is shown of its room, its connection and its files. */
export interface StatusFacts {
  readonly room: string
  /** Without those who are away. */
  readonly members: number
  readonly away: number
  /** There is no connection, or the server does not answer over the one there is. */
  readonly outage?: (OutageFacts & { readonly isSilent: boolean }) | undefined
  readonly typing: readonly string[]
  /** Offered or on their way, from here or to here. */
  readonly files: readonly FileProgress[]
}
