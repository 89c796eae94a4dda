import { createClient, safe } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

// The router of tRPC holds the types of the server. A contract is shared by both sides and holds no code of the server.
const Post = z.object({ id: z.number(), title: z.string() })
const blog = contract('blog', {
  version: 1,
  procedures: {
    post: {
      byId: procedure({ input: z.number(), output: Post, idempotent: true }), // .input(…).query(…)
      add: procedure({ input: z.string(), output: Post }), // .input(…).mutation(…)
      all: procedure({ items: Post }), // a subscription that ends
    },
  },
  events: { added: event(Post, { subscribe: 'clients' }) }, // a subscription for every reader
})

const posts = [{ id: 1, title: 'hello' }]
const impl = implement(blog)
  .$context<{ user: string | undefined }>()
  // A middleware of tRPC: t.procedure.use(…)
  .use(({ context, procedure, next }) => {
    if (procedure.path === 'post.add' && !context.user) throw new RpcError('UNAUTHENTICATED', 'Sign in.')
    return next()
  })
const handlers = impl.handlers({
  post: {
    byId({ input }) {
      const post = posts.find(({ id }) => id === input)
      if (post === undefined) throw new RpcError('NOT_FOUND', `There is no post ${input}.`)
      return post
    },
    async add({ input, publish }) {
      const post = { id: posts.length + 1, title: input }
      posts.push(post)
      await publish(blog.events.added, post)
      return post
    },
    async *all() {
      yield* posts
    },
  },
})
const server = createServer(handlers, {
  // createContext of tRPC runs for each HTTP request, this one for each connection.
  context: ({ hello }) => ({ user: hello.auth === 'secret' ? 'Ada' : undefined }),
  authorizeSubscribe: () => true,
})
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(blog, listener.url, { auth: 'secret' })
await client.$on('added', ({ title }) => console.log(`added: ${title}`)).subscribed
await client.post.add('second') // client.post.add.mutate('second')
for await (const { title } of client.post.all()) console.log(title)
const missing = await safe(client.post.byId(7)) // client.post.byId.query(7)
console.log(missing.error?.code)
await client.$close()
await server.close()

//> added: second
//> hello
//> second
//> NOT_FOUND
