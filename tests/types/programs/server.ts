import { createServer, implement } from '@frameport/server'
import { chat } from './chat.contract.ts'
import { stock } from './stock.contract.ts'

export const { join } = chat.procedures
// ^ join, procedures
export const { line, notice } = chat.events
// ^ line, notice, events

interface User {
  readonly id: string
}

const root = implement(chat)
// ^ root, implement
const impl = root.$context<{ user: User }>()
// ^ impl, $context
const named = impl.use(async ({ context, next }) => next({ context: { name: context.user.id } }))
// ^ named, use, context, next
const admins = named.use(async ({ next }) => next({ context: { role: 'admin' as const } }))
// ^ admins
const files = admins.at('files').handlers({
  // ^ files, at, handlers
  put: async ({ input, context }) => ({ id: `${context.name}-${input.length}` }),
  // ^ put, input, context
})

export const chatHandlers = admins.handlers({
  // ^ chatHandlers, handlers
  async join({ input, context, errors, connection, signal }) {
    // ^ join, input, context, errors, connection, signal
    if (input.name === context.name) throw errors.NAME_TAKEN({ suggestion: `${input.name}-2` })
    // ^ name#2, NAME_TAKEN
    if (signal.aborted) throw errors.ROOM_FULL()
    // ^ ROOM_FULL
    connection.subscribe(chat.events.line, { room: input.room })
    // ^ subscribe, line
    connection.emit(chat.events.notice, 'welcome')
    // ^ emit
    return { room: input.room, since: new Date().toISOString() }
  },
  async *history({ input, errors }) {
    // ^ history, input, errors
    if (input.room === '') throw errors.NO_SUCH_ROOM({ nearest: 'lobby' })
    yield { author: 'server', text: 'hello', at: new Date().toISOString() }
  },
  leave() {},
  // ^ leave
  files,
})

const stockHandlers = implement(stock).handlers({
  // ^ stockHandlers
  find: ({ input }) => [{ id: input.text, price: String(input.limit) }],
  // ^ find, input
  async *watch({ errors }) {
    // ^ watch, errors
    yield { id: 'chair', price: '12.50' }
    throw errors.CLOSED({ untilMs: 1_000 })
  },
})

export const server = createServer(chatHandlers, {
  // ^ createServer
  context: ({ hello }) => ({ user: { id: String(hello.auth) } }),
  // ^ context, hello
  authorizeSubscribe({ event, topic, context }) {
    // ^ authorizeSubscribe, event, topic, context
    return event === chat.events.line && topic.room === context.user.id
  },
})
export const shop = createServer(stockHandlers)
server.publish(chat.events.notice, 'the server starts')
// ^ publish
