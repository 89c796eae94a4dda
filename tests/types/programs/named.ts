import { type Client, createClient } from '@frameport/client'
import { createServer, implement } from '@frameport/server'
import { type Chat, chat } from './chat.contract.ts'

export const client = createClient<Chat>(chat, 'tcp://127.0.0.1:5500')
// ^ client, createClient
export async function talk(annotated: Client<Chat>): Promise<void> {
  // ^ annotated
  await client.files.put(new Uint8Array(1))
  // ^ client, files, put
  await annotated.leave()
  // ^ leave
  client.$on('line', { room: 'lobby' }, (line) => line.text)
  // ^ $on
}

const root = implement<Chat>(chat)
// ^ root, implement
const impl = root.$context<{ user: string }>()
// ^ impl, $context
const admins = impl.use(async ({ context, next }) => next({ context: { admin: context.user === 'root' } }))
// ^ admins, use, context, next
const files = admins.at('files', { put: ({ context }) => ({ id: context.user }) })
// ^ files, at, put, context
export const handlers = admins.handlers({
  // ^ handlers, handlers#2
  join: ({ input, context }) => ({ room: input.room, since: String(context.admin) }),
  // ^ join, input, context
  async *history() {
    // ^ history
    yield { author: 'server', text: 'hello', at: '' }
  },
  leave: () => {},
  // ^ leave
  files,
  // ^ files
})
export const server = createServer(handlers, {
  // ^ createServer, server
  context: ({ hello }) => ({ user: String(hello.auth) }),
  // ^ context, hello
  authorizeSubscribe: ({ event, topic, context }) => event.name === topic.room && context.user !== '',
  // ^ authorizeSubscribe, event, topic, context
})
