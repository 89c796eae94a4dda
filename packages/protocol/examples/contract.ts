import { contract, implement, parseWith, procedure, RpcError } from '@frameport/protocol'
import { z } from 'zod'

const Join = z.object({ room: z.string(), name: z.string().max(20) })
const Room = z.object({ room: z.string(), people: z.array(z.string()) })

const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: Join,
      output: Room,
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) },
    }),
    files: { list: procedure({ items: z.string() }) },
  },
})
console.log([...chat.procedureEntries.keys()].join(' ')) //> join files.list

const impl = implement(chat).$context<{ people: string[] }>()
const files = impl.at('files', {
  async *list() {
    yield 'notes.txt'
  },
})
const implementation = impl.handlers({
  join: ({ input, context, errors }) => {
    if (context.people.includes(input.name)) throw errors.NAME_TAKEN({ suggestion: `${input.name}2` })
    return { room: input.room, people: [...context.people, input.name] }
  },
  files,
})
console.log(implementation.bindings.size) //> 2

const parsed = await parseWith(Join, { room: 'lobby' }, { what: 'the input of chat/join' })
if (!parsed.ok) console.log(RpcError.is(parsed.error), parsed.error.code) //> true INVALID_ARGUMENT
