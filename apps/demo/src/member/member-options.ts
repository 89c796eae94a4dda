import type { Client } from '@frameport/client'
import type { ChatClock } from '../chat-clock.ts'
import type { chat } from '../chat-contract.ts'
import type { Show } from './entry.ts'
import type { sentenceOf } from './failures.ts'
import type { FilesOfMember, RoomFiles } from './room-files.ts'
import type { ReadAt } from './sentences.ts'
import type { StatusFacts } from './status-facts.ts'

/** A sentence that says why a request was refused; undefined when it was carried out. */
export type Fault = string | undefined

export interface MemberOptions<Files extends RoomFiles> {
  readonly client: Client<typeof chat>
  readonly name: string
  readonly show: Show
  /** Called when the room, its members or the typists have changed. */
  readonly changed: (facts: StatusFacts) => void
  /** Show typists, those who are away, and the progress of files as notices, because there is no status row. */
  readonly statusAsNotices: boolean
  /** Creates the object that sends and takes files. */
  readonly files: (facts: FilesOfMember) => Files
  /** Where the person reads the chat. Default: a terminal. */
  readonly readAt?: ReadAt
  /** Called when a room cannot be joined yet, with a sentence that says why. Default: a notice. */
  readonly waitsToJoin?: (sentence: string) => void
  /** Called when the server refuses the returning member, with a sentence that says why. */
  readonly expelled?: (sentence: string) => void
  /** Turns an error into a sentence, for a page without commands. Default: with the commands of a terminal. */
  readonly sentenceOf?: typeof sentenceOf
  readonly clock?: ChatClock
}
