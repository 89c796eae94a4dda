import { bytes, contract, event, procedure, type RpcError } from '@frameport/protocol'
import { createServer, type Implementation, implement } from '@frameport/server'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'

const Line = z.object({ text: z.string() })
const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: z.object({ room: z.string(), size: z.string().transform(Number) }),
      output: z.object({ room: z.string(), since: z.string().transform((text) => new Date(text)) }),
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }), ROOM_FULL: z.undefined() },
    }),
    history: procedure({ items: Line }),
    leave: procedure({}),
    files: {
      put: procedure({ input: bytes(), output: bytes() }),
      list: procedure({ output: z.array(z.string()) }),
    },
  },
  events: { line: event(Line, { topic: z.object({ room: z.string() }) }), notice: event(z.string()) },
})
interface User {
  readonly id: string
}
const impl = implement(chat).$context<{ user: User }>()
const files = impl.at('files', { put: ({ input }) => input, list: async () => [] })

export const complete = impl.handlers({
  async join({ input, context, errors, connection, signal, remainingMs, metadata, procedure }) {
    expectTypeOf(input).toEqualTypeOf<{ room: string; size: number }>()
    expectTypeOf(context).toEqualTypeOf<{ user: User }>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    expectTypeOf(remainingMs()).toEqualTypeOf<number | undefined>()
    expectTypeOf(metadata).toEqualTypeOf<Readonly<Record<string, string>>>()
    expectTypeOf(procedure.path).toEqualTypeOf<string>()
    const taken = errors.NAME_TAKEN({ suggestion: 'b' }, 'text')
    expectTypeOf(taken).toEqualTypeOf<RpcError<'NAME_TAKEN', { suggestion: string }>>()
    if (input.size > 9) throw errors.ROOM_FULL()
    connection.subscribe(chat.events.line, { room: 'a' })
    connection.subscribe(chat.events.notice)
    connection.emit(chat.events.line, { room: 'a' }, { text: 'b' })
    connection.emit(chat.events.notice, 'b')
    // @ts-expect-error wrong error data
    errors.NAME_TAKEN({ suggestions: 'b' })
    // @ts-expect-error an error that is not declared
    void errors.NAME_LOST
    // @ts-expect-error the wrong topic
    connection.subscribe(chat.events.line, { rom: 'a' })
    // @ts-expect-error the topic is missing
    connection.subscribe(chat.events.line)
    // @ts-expect-error this event has no topic
    connection.subscribe(chat.events.notice, { room: 'a' })
    // @ts-expect-error the wrong payload
    connection.emit(chat.events.line, { room: 'a' }, { txt: 'b' })
    // @ts-expect-error a member that the context does not have
    void context.admin
    return { room: input.room, since: '2026-01-01' }
  },
  async *history() {
    yield { text: 'a' }
  },
  leave() {},
  files,
})
expectTypeOf(complete).toEqualTypeOf<Implementation<{ user: User }, never, typeof chat>>()
export const ofAnyContract: Implementation<{ user: User }> = complete

export const widened = impl.use(async ({ context, next }) => {
  expectTypeOf(context).toEqualTypeOf<{ user: User }>()
  return next({ context: { role: 'admin' as const } })
})
export const partWithMore = widened
  .at('files')
  .use(({ context, next }) => next({ context: { roles: [context.role] } }))
  .at('list', ({ context }) => {
    expectTypeOf(context.roles).toEqualTypeOf<'admin'[]>()
    expectTypeOf(context.user).toEqualTypeOf<User>()
    return context.roles
  })

const join = async () => ({ room: '', since: '' })
const history = async function* () {
  yield { text: '' }
}
const leave = () => {}

export const withNestedPart = impl.handlers({
  join,
  history,
  leave,
  files: { put: ({ input }) => input, list: partWithMore },
})

// @ts-expect-error a missing handler
impl.handlers({ join, history, files })
// @ts-expect-error a missing handler in a group
impl.handlers({ join, history, leave, files: { list: () => [] } })
// @ts-expect-error an extra handler
impl.handlers({ join, history, leave, files, jion: join })
// @ts-expect-error the wrong answer
impl.handlers({ join: async () => ({ room: '' }), history, leave, files })
// @ts-expect-error the receiver's type where the sender's belongs
impl.handlers({ join: async () => ({ room: '', since: new Date() }), history, leave, files })
// @ts-expect-error a promise where items belong
impl.handlers({ join, history: async () => [{ text: '' }], leave, files })
const wrongItems = async function* () {
  yield { txt: '' }
}
// @ts-expect-error wrong items
impl.handlers({ join, history: wrongItems, leave, files })
// @ts-expect-error an unknown procedure
impl.at('fils')
// @ts-expect-error the part of another place
impl.handlers({ join: files, history, leave, files })
const needsMore = implement(chat).$context<{ user: User; database: object }>()
const filesWithDatabase = needsMore.at('files', { put: ({ input }) => input, list: () => [] })
// @ts-expect-error the part needs context that is not there
impl.handlers({ join, history, leave, files: filesWithDatabase })
// @ts-expect-error the server makes no such context
export const missingContext: Implementation<{ user: string }> = complete

// @ts-expect-error the handlers have a context, which nobody makes
createServer(complete)
// @ts-expect-error the same in a list
createServer([complete])
// @ts-expect-error another context than the handlers have
createServer(complete, { context: () => ({ admin: true }) })
createServer(complete, { context: () => ({ user: { id: '1' } }) })
// @ts-expect-error a context that is required is not undefined
createServer(complete, { context: undefined })
const plain = implement(chat).handlers({
  join,
  history,
  leave,
  files: { put: ({ input }) => input, list: () => [] },
})
createServer(plain)
createServer(plain, { log: false })
createServer(plain, { context: undefined, limits: { connectionsMax: undefined }, onConnection: undefined })
// @ts-expect-error a context whose members are optional is made by somebody, too
createServer(implement(chat).$context<{ user?: User }>().handlers({ join, history, leave, files }))
// @ts-expect-error a second context
impl.$context<{ database: object }>()
// @ts-expect-error a context that was not declared
implement(chat).at('leave', ({ context }) => void context.user)

impl.use(({ next, publish, connections }) => {
  publish(chat.events.line, { room: 'a' }, { text: String(connections.size) })
  publish(chat.events.notice, 'b')
  // @ts-expect-error the topic is missing
  publish(chat.events.line, { text: 'b' })
  return next({
    onItem: (item) => expectTypeOf(item).toEqualTypeOf<unknown>(),
    onEnd({ outcome, items, error }) {
      expectTypeOf(outcome).toEqualTypeOf<'completed' | 'failed' | 'left'>()
      expectTypeOf(items).toEqualTypeOf<number>()
      expectTypeOf(error).toEqualTypeOf<RpcError | undefined>()
    },
  })
})
// @ts-expect-error no such observer
impl.use(({ next }) => next({ onEdn() {} }))

const news = contract('news', { version: 1, events: { told: event(z.string()) } })
export const withoutProcedures: Implementation<object, never, typeof news> = implement(news).handlers({})
// @ts-expect-error a handler for a contract without procedures
implement(news).handlers({ ping: () => 1 })
