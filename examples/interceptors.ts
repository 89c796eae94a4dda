import { createClient, type Interceptor, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const clock = contract('clock', {
  version: 1,
  procedures: {
    zone: procedure({ input: z.string(), output: z.string() }),
    ticks: procedure({ items: z.number() }),
  },
})

const server = createServer(
  implement(clock).handlers({
    zone({ input, metadata }) {
      if (input === 'Atlantis') throw new RpcError('NOT_FOUND', 'There is no such city.')
      return `${input}, request ${metadata['request-id']}`
    },
    async *ticks() {
      yield 1
      yield 2
    },
  }),
)
const { url } = await server.listen('tcp://127.0.0.1:0')

/** Adds metadata to each call. */
let requests = 0
const withRequestId: Interceptor = (call, next) => {
  requests += 1
  return next({ ...call, metadata: { ...call.metadata, 'request-id': String(requests) } })
}

/** Looks at the outcome of each call. Of a stream, it sees the items only if it reads them itself. */
const logged: Interceptor = async (call, next) => {
  try {
    const output = await next(call)
    console.log(`  ${call.procedure.path} has succeeded`)
    return output
  } catch (error) {
    console.log(`  ${call.procedure.path} has failed: ${RpcError.is(error) ? error.code : 'unknown'}`)
    throw error
  }
}

/** Answers calls from a cache, without the server. */
const answers = new Map<unknown, unknown>()
const cached: Interceptor = async (call, next) => {
  if (call.procedure.path !== 'zone') return next(call)
  if (!answers.has(call.input)) answers.set(call.input, await next(call))
  return answers.get(call.input)
}

// The first one is outermost: it sees the call first, and its outcome last.
const client = createClient(clock, url, { interceptors: [logged, cached, withRequestId] })
console.log(await client.zone('Rome'))
console.log(await client.zone('Rome'))
const { error } = await safe(client.zone('Atlantis'))
console.log(error?.code)
for await (const tick of client.ticks()) console.log(tick)

await client.$close()
await server.close()

//>   zone has succeeded
//> Rome, request 1
//>   zone has succeeded
//> Rome, request 1
//>   zone has failed: NOT_FOUND
//> NOT_FOUND
//>   ticks has succeeded
//> 1
//> 2
