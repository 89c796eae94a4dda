import { memoryEventLog } from '@frameport/server'
import { pino } from 'pino'
import type { ChatClock } from '../../src/chat-clock.ts'
import { ChatService } from '../../src/server/chat-service.ts'
import type { ChatServiceOptions, Outlet } from '../../src/server/chat-service-options.ts'

/** The chat service of a single server that keeps nothing. */
export async function startedService(
  outlet: Outlet,
  clock: ChatClock,
  options: Partial<ChatServiceOptions> = {},
): Promise<ChatService> {
  const service = new ChatService(outlet, clock, {
    rosterLog: memoryEventLog(),
    logger: pino({ level: 'silent' }),
    ...options,
  })
  await service.start()
  return service
}
