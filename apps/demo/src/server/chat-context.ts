import type { Logger } from 'pino'
import type { ChatClock } from '../chat-clock.ts'
import type { ChatService } from './chat-service.ts'
import type { PeerFiles } from './peers/peer-files.ts'
import type { RoomLines } from './room-lines.ts'
import type { Visitor } from './visitor.ts'

/** What every handler of the chat is given: the chat service, the lines, the files of other servers, the caller, and the log of the caller's connection. */
export interface ChatContext {
  readonly service: ChatService
  readonly lines: RoomLines
  /** Files of the other servers. */
  readonly peers: PeerFiles
  readonly visitor: Visitor
  readonly clock: ChatClock
  readonly log: Logger
}
