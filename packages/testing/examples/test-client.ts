import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const notes = contract('notes', {
  version: 1,
  procedures: {
    add: procedure({ input: z.string().min(1), output: z.string() }),
    remove: procedure({ input: z.string() }),
  },
})
const handlers = implement(notes)
  .$context<{ user: string }>()
  .handlers({
    add: ({ input, context }) => `${context.user} added ${input}`,
    remove() {
      throw new Error('the disk is read-only')
    },
  })

await using client = createTestClient(handlers, { context: { user: 'ada' } })

console.log(await client.add('milk'))
await client.add('').catch(({ code }) => console.log(code))
await client.remove('milk').catch(({ code, cause }) => console.log(`${code}, because ${cause.message}`))

//> ada added milk
//> INVALID_ARGUMENT
//> INTERNAL, because the disk is read-only
