import type { Client } from '@frameport/client'
import type { chat } from '../chat-contract.ts'
import type { ClosedOffer, FileOffer } from '../file-contract.ts'
import type { Show } from './entry.ts'
import type { FileProgress } from './file-progress.ts'

/** The files of a room, as one member sees them. */
export interface RoomFiles {
  /** The member has entered a room, or the same one again after a loss. These files are offered there. */
  entered(offers: readonly FileOffer[]): void
  heardOffer(offer: FileOffer): void
  heardClosed(closed: ClosedOffer): void
  /** Asks the server for the current files, because events are missing. */
  list(): Promise<unknown>
  /** Cancels running transfers. Settles when no incomplete file is left. */
  stop(): Promise<unknown>
}

/** What a member provides to the object that sends and takes its files. */
export interface FilesOfMember {
  readonly client: Client<typeof chat>
  readonly name: string
  readonly show: Show
  /** Called when the progress of a file has changed. */
  readonly changed: (files: readonly FileProgress[]) => void
  /** Resolves to true when the member is in its room, or to false when it will not enter it. */
  readonly ready: () => Promise<boolean>
}
