import type { Logger } from 'pino'
import type { ChatClock } from '../chat-clock.ts'
import type { ChatService } from './chat-service.ts'
import type { FiguresExchange } from './figures/figures-exchange.ts'
import type { PeerFiles } from './peers/peer-files.ts'
import type { RoomLines } from './room-lines.ts'
import type { Visitor } from './visitor.ts'

/**
 * The context of every handler of the chat: the chat service, the lines, the files of other servers, the figures, the
 * caller, and the log of the caller's connection.
 */
export interface ChatContext {
  readonly service: ChatService
  readonly lines: RoomLines
  /** Files of the other servers. */
  readonly peers: PeerFiles
  readonly figures: FiguresExchange
  readonly visitor: Visitor
  readonly clock: ChatClock
  readonly log: Logger
}
