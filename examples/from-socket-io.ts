import { createClient, safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Room = z.object({ room: z.string() })
const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({ input: Room }),
    say: procedure({ input: Room.extend({ text: z.string().max(200) }), output: z.number() }),
  },
  events: { line: event(z.string(), { topic: Room }) },
})

const handlers = implement(chat)
  .$context<{ name: string }>() // socket.data
  .handlers({
    // socket.join(room)
    join: ({ input, connection }) => connection.subscribe(chat.events.line, input),
    // socket.on('say', (room, text, callback) => { io.to(room).emit('line', …); callback(…) })
    say: ({ input: { room, text }, context, publish }) =>
      publish(chat.events.line, { room }, `${context.name}: ${text}`).reached,
  })
const server = createServer(handlers, {
  // io.use((socket, next) => …), with socket.handshake.auth
  context: ({ hello }) => ({ name: String(hello.auth) }),
  // socket.on('disconnect', …)
  onDisconnect: ({ context }) => console.log(`${context.name} has left`),
})
const listener = await server.listen('tcp://127.0.0.1:0')

const lobby = { room: 'lobby' }
const ada = createClient(chat, listener.url, { auth: 'Ada' })
const bob = createClient(chat, listener.url, { auth: 'Bob' })
const heard = new Promise((resolve) => bob.$on('line', lobby, resolve)) // socket.on('line', …)
await bob.join(lobby)

// socket.timeout(5_000).emitWithAck('say', …)
console.log(await ada.say({ ...lobby, text: 'hello' }, { deadlineMs: 5_000 }))
console.log(await heard)
const tooLong = await safe(ada.say({ ...lobby, text: 'x'.repeat(500) })) // the handler is not called
console.log(tooLong.error?.code)

await bob.$close()
await ada.$close()
await server.close()

//> 1
//> Ada: hello
//> INVALID_ARGUMENT
//> Bob has left
//> Ada has left
