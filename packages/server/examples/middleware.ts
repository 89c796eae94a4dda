import { createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const library = contract('library', {
  version: 1,
  procedures: {
    title: procedure({ input: z.number(), output: z.string() }),
    pages: procedure({ input: z.number(), items: z.string() }),
    burn: procedure({ input: z.number() }),
  },
})

// Credentials become a context, once for each connection.
const readers = new Map([['secret-1', { name: 'Ada', mayBurn: false }]])
const context = ({ hello }: { readonly hello: { readonly auth: unknown } }) => {
  const reader = readers.get(String(hello.auth))
  if (reader === undefined) throw new RpcError('UNAUTHENTICATED', 'Nobody has this key.')
  return { reader }
}

const seen: string[] = []
const durations: number[] = []
const impl = implement(library)
  .$context<{ reader: { name: string; mayBurn: boolean } }>()
  // Times and counts: the same code for calls that answer once and for streams.
  .use(({ procedure, next }) => {
    const beganAtMs = performance.now()
    return next({
      onEnd({ outcome, items, error }) {
        durations.push(performance.now() - beganAtMs)
        seen.push(`${procedure.path} ${outcome}${error ? `: ${error.code}` : ` with ${items} items`}`)
      },
    })
  })

// Refuses, or adds to the context of what follows.
const burn = impl
  .at('burn')
  .use(({ context, next }) => {
    if (!context.reader.mayBurn) throw new RpcError('PERMISSION_DENIED', 'You may only read.')
    return next({ context: { burntBy: context.reader.name } })
  })
  .handler(({ input, context }) => console.log(`${context.burntBy} burnt ${input}`))

const handlers = impl.handlers({
  title: ({ input, context }) => `book ${input} for ${context.reader.name}`,
  async *pages({ input }) {
    for (let page = 1; page <= input; page++) yield `page ${page}`
  },
  burn,
})
const server = createServer(handlers, { context })
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(library, listener.url, { auth: 'secret-1' })
console.log(await client.title(7))
for await (const page of client.pages(3)) console.log(page)
for await (const page of client.pages(1_000_000)) if (page === 'page 2') break
const burnt = await safe(client.burn(7))
console.log(burnt.ok ? 'burnt' : burnt.error.code)
await client.$close()
await server.close()
console.log(`${durations.length} calls were timed`)
for (const line of seen) console.log(line)

//> book 7 for Ada
//> page 1
//> page 2
//> page 3
//> PERMISSION_DENIED
//> 4 calls were timed
//> title completed with 0 items
//> pages completed with 3 items
//> pages left: CANCELLED
//> burn failed: PERMISSION_DENIED
