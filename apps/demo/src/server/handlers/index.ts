import { chatImplementer } from './chat-implementer.ts'
import { lineHandlers } from './lines.ts'
import { roomHandlers } from './rooms.ts'

export const chatHandlers = chatImplementer.handlers({
  rooms: roomHandlers,
  lines: lineHandlers,
  quit: ({ context: { service, visitor } }) => service.quit(visitor),
})
