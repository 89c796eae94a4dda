import type { Client } from '@frameport/client'
import type { chat } from '../chat-contract.ts'
import type { ClosedOffer, FileOffer } from '../file-contract.ts'
import type { Show } from './entry.ts'
import type { FileProgress } from './file-progress.ts'

/** The files of a room, as one member sees them. */
export interface RoomFiles {
  /** In another room, or in the same one after a loss: these are offered there. */
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
  /** Called when a file has come on. */
  readonly changed: (files: readonly FileProgress[]) => void
  /** Settles when the member is in its room: with false when it will not be. */
  readonly ready: () => Promise<boolean>
}
