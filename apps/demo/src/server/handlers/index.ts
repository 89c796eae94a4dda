import { chatImplementer } from './chat-implementer.ts'
import { lineHandlers } from './lines.ts'
import { roomHandlers } from './rooms.ts'

export const chatHandlers = chatImplementer.handlers({
  rooms: roomHandlers,
  lines: lineHandlers,
  quit: ({ context: { hall, visitor } }) => hall.quit(visitor),
})
