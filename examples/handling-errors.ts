import { createClient, isErrorOf, safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Job = z.object({ id: z.string() })
const tasks = contract('tasks', {
  version: 1,
  procedures: {
    take: procedure({ input: Job, output: Job, errors: { GONE: z.object({ by: z.string() }) } }),
    watch: procedure({ input: Job, items: z.number(), errors: { FAILED: z.object({ at: z.number() }) } }),
  },
})

const server = createServer(
  implement(tasks).handlers({
    take({ errors }) {
      throw errors.GONE({ by: 'another worker' }, 'the job is gone')
    },
    async *watch({ errors }) {
      yield 50
      throw errors.FAILED({ at: 50 }, 'the job has failed')
    },
  }),
)
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(tasks, listener.url)

// As a value: the compiler knows the codes, and the data of each.
const taken = await safe(client.take({ id: '7' }))
if (!taken.ok && taken.error.code === 'GONE') console.log(`taken by ${taken.error.data.by}`)

// Caught: the same for a stream, with a guard.
try {
  for await (const percent of client.watch({ id: '7' })) console.log(`${percent} %`)
} catch (error) {
  if (!isErrorOf(tasks.procedures.watch, error)) throw error
  if (error.code === 'FAILED') console.log(`failed at ${error.data.at} %`)
  console.log(String(error))
  console.log(error.message)
  console.log(JSON.stringify(error))
}

await client.$close()
await server.close()

//> taken by another worker
//> 50 %
//> failed at 50 %
//> RpcError: FAILED: tasks/watch: the job has failed
//> the job has failed
//> {"name":"RpcError","code":"FAILED","procedure":"tasks/watch","message":"the job has failed","data":{"at":50},"maybeExecuted":false}
