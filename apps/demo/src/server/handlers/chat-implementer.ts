import { implement } from '@frameport/server'
import type { Logger } from 'pino'
import { chat } from '../../chat-contract.ts'
import type { Hall, Visitor } from '../hall.ts'

/** What every handler of the chat has at hand: the hall, who is calling, and their part of the log. */
export interface ChatContext {
  readonly hall: Hall
  readonly visitor: Visitor
  readonly log: Logger
}

export const chatImplementer = implement(chat).$context<ChatContext>()
