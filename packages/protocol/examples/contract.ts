import { contract, procedure, RpcError } from '@frameport/protocol'
import { parseWith } from '@frameport/protocol/contract'
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

const parsed = await parseWith(Join, { room: 'lobby' }, { what: 'the input of chat/join' })
if (!parsed.ok) console.log(RpcError.is(parsed.error), parsed.error.code) //> true INVALID_ARGUMENT
