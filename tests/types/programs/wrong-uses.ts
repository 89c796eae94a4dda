import { createClient, safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { chat } from './chat.contract.ts'

// Each line below a directive has to be refused by every compiler: a directive without an error is an error itself.

const client = createClient(chat, 'tcp://127.0.0.1:5500')
const impl = implement(chat).$context<{ user: string }>()

export async function calls(): Promise<void> {
  // @ts-expect-error a member of the input is missing
  await client.join({ room: 'lobby' })
  // @ts-expect-error a member of the input has the wrong type
  await client.join({ room: 1, name: 'guest' })
  // @ts-expect-error a member of the input is unknown
  await client.join({ room: 'lobby', name: 'guest', colur: 'red' })
  // @ts-expect-error the input is missing
  await client.join()
  // @ts-expect-error the procedure is unknown
  await client.jion({ room: 'lobby', name: 'guest' })
  // @ts-expect-error a group is not a procedure
  await client.files()
  // @ts-expect-error raw bytes are a Uint8Array
  await client.files.put('text')
  // @ts-expect-error the option is unknown
  await client.leave({ deadline: 500 })
  // @ts-expect-error a deadline is a number
  await client.leave({ deadlineMs: '500' })
  // @ts-expect-error the result has no such member
  void (await client.join({ room: 'lobby', name: 'guest' })).name
  // @ts-expect-error a stream is not a promise
  client.history({ room: 'lobby' }).then(() => undefined)
  const result = await safe(client.join({ room: 'lobby', name: 'guest' }))
  // @ts-expect-error whether it succeeded has not been asked
  void result.data.room
  // @ts-expect-error no procedure declares this code
  if (!result.ok && result.error.code === 'NAME_LOST') return
  // @ts-expect-error the data belong to another code
  if (!result.ok && result.error.code === 'ROOM_FULL') void result.error.data.suggestion
}

export function credentials(): void {
  // @ts-expect-error JSON has no bigint
  createClient(chat, 'tcp://127.0.0.1:5500', { auth: 5n })
  // @ts-expect-error the facts have no such member
  createClient(chat, 'tcp://127.0.0.1:5500', { auth: ({ why }) => why })
  // @ts-expect-error a promise is given by a function
  createClient(chat, 'tcp://127.0.0.1:5500', { auth: Promise.resolve('token') })
  // @ts-expect-error JSON has no function
  createClient(chat, 'tcp://127.0.0.1:5500', { auth: () => () => 'token' })
  // @ts-expect-error JSON has no bigint
  createClient(chat, 'tcp://127.0.0.1:5500', { auth: async () => 5n })
  const { $connection } = createClient(chat, 'tcp://127.0.0.1:5500')
  // @ts-expect-error a function is an option
  void $connection.renewAuth(() => 'token')
  // @ts-expect-error JSON has no bigint
  void $connection.renewAuth(5n)
}

export function events(): void {
  // @ts-expect-error the event is unknown
  client.$on('lines', { room: 'lobby' }, () => undefined)
  // @ts-expect-error the topic is missing
  client.$on('line', () => undefined)
  // @ts-expect-error the topic has the wrong member
  client.$on('line', { name: 'lobby' }, () => undefined)
  // @ts-expect-error this event has no topic
  client.$on('notice', { room: 'lobby' }, () => undefined)
  // @ts-expect-error the listener wants another payload
  client.$on('notice', (count: number) => count)
}

export const handlers = impl.handlers({
  join({ input, context, errors, connection }) {
    // @ts-expect-error the input has no such member
    void input.nickname
    // @ts-expect-error the context has no such member
    void context.admin
    // @ts-expect-error the error is not declared
    void errors.NAME_LOST
    // @ts-expect-error the data of the error are wrong
    if (input.name === '') throw errors.NAME_TAKEN({ suggestions: 'b' })
    // @ts-expect-error the payload is wrong
    connection.emit(chat.events.notice, 1)
    return { room: input.room, since: '' }
  },
  async *history() {
    yield { author: '', text: '', at: '' }
  },
  leave() {},
  files: { put: () => ({ id: '' }) },
})

// @ts-expect-error handlers are missing
impl.handlers({ leave() {} })
// @ts-expect-error the answer is wrong
impl.at('join', () => ({ room: '' }))
// @ts-expect-error a promise where items belong
impl.at('history', async () => [{ author: '', text: '', at: '' }])
// @ts-expect-error the procedure is unknown
impl.at('jion')
// @ts-expect-error the context is missing
createServer(handlers)
// @ts-expect-error who may subscribe is missing
createServer(handlers, { context: () => ({ user: '' }) })
// @ts-expect-error the context is another one
createServer(handlers, { context: () => ({ name: '' }), authorizeSubscribe: () => true })

// @ts-expect-error not a schema
procedure({ input: 42 })
// @ts-expect-error members of a schema are not a schema
procedure({ input: { room: z.string() } })
// @ts-expect-error not a schema
procedure({ output: z.string })
// @ts-expect-error not a schema
procedure({ items: null })
// @ts-expect-error the data of an error are not a schema
procedure({ errors: { GONE: 'text' } })
// @ts-expect-error the member is unknown
procedure({ inputs: z.string() })
// @ts-expect-error a stream has no answer
procedure({ items: z.string(), output: z.string() })
// @ts-expect-error not a schema
event('text')
// @ts-expect-error members of a schema are not a schema
event({ room: z.string() })
// @ts-expect-error the topic is not a schema
event(z.string(), { topic: { room: z.string() } })
// What has `~standard`, but not as Standard Schema says it, is refused where it is used, by a type that names the cure.
const take = procedure({ input: { '~standard': { version: 2 } } })
const later = contract('later', { version: 1, procedures: { take } })
// @ts-expect-error the input has no schema of version 1
createClient(later, 'tcp://127.0.0.1:5500').take('text')
// @ts-expect-error its handler gets nothing to read
implement(later).at('take', ({ input }) => void input.text)

// @ts-expect-error not a procedure
contract('x', { version: 1, procedures: { a: 1 } })
// @ts-expect-error not an event
contract('x', { version: 1, procedures: {}, events: { a: procedure({}) } })
