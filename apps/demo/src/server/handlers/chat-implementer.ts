import { implement } from '@frameport/server'
import type { Logger } from 'pino'
import { chat } from '../../chat-contract.ts'
import type { ChatService, Visitor } from '../chat-service.ts'

/** What every handler of the chat has at hand: the chat service, who is calling, and their part of the log. */
export interface ChatContext {
  readonly service: ChatService
  readonly visitor: Visitor
  readonly log: Logger
}

export const chatImplementer = implement(chat).$context<ChatContext>()
