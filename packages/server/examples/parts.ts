import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { z } from 'zod'

const Join = z.object({ room: z.string(), name: z.string().max(20) })

const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: Join,
      output: z.object({ room: z.string(), people: z.array(z.string()) }),
      errors: { NAME_TAKEN: z.object({ suggestion: z.string() }) },
    }),
    files: { list: procedure({ items: z.string() }) },
  },
})

// The context is made by the server, for each connection.
const impl = implement(chat).$context<{ people: string[] }>()

// A group, which can stand in a file of its own.
const files = impl.at('files', {
  async *list() {
    yield 'notes.txt'
  },
})

// All of the contract: what createServer takes.
const implementation = impl.handlers({
  join: ({ input, context, errors }) => {
    if (context.people.includes(input.name)) throw errors.NAME_TAKEN({ suggestion: `${input.name}2` })
    return { room: input.room, people: [...context.people, input.name] }
  },
  files,
})
console.log([...implementation.bindings.keys()].join(' ')) //> join files.list
