import type { Client } from '@frameport/client'
import type { chat } from '../chat-contract.ts'
import type { ClosedOffer, FileOffer } from '../file-contract.ts'
import type { Show } from './entry.ts'
import type { FileProgress } from './file-progress.ts'

/** The files of a room, as one member has them: what it is told of them. */
export interface RoomFiles {
  /** In another room, or in the same one after a loss: these are offered there. */
  entered(offers: readonly FileOffer[]): void
  heardOffer(offer: FileOffer): void
  heardClosed(closed: ClosedOffer): void
  /** Events about them were left out: asks the server what there is. */
  list(): Promise<unknown>
  /** Gives up what is on its way. Settles when no half file is left. */
  stop(): Promise<unknown>
}

/** What a member gives to those who send and take its files. */
export interface FilesOfMember {
  readonly client: Client<typeof chat>
  readonly name: string
  readonly show: Show
  /** Called when a file has come on. */
  readonly changed: (files: readonly FileProgress[]) => void
  /** Settles when the member is in its room: with false when it will not be. */
  readonly ready: () => Promise<boolean>
}
