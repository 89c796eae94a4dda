import { createHmac, timingSafeEqual } from 'node:crypto'
import { createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const files = contract('files', {
  version: 1,
  procedures: {
    whoAmI: procedure({ output: z.string() }),
    remove: procedure({ input: z.string() }),
  },
})

// The token service and the server share this key. A token is the claims and their signature.
const key = 'a secret of at least 32 random bytes'
const Claims = z.object({ name: z.string(), role: z.enum(['reader', 'admin']), expiresAtMs: z.number() })
type User = z.output<typeof Claims>

const signatureOf = (claims: string) => createHmac('sha256', key).update(claims).digest('base64url')

function issueToken(user: User): string {
  const claims = Buffer.from(JSON.stringify(user)).toString('base64url')
  return `${claims}.${signatureOf(claims)}`
}

/** @throws RpcError UNAUTHENTICATED: the client does not try again with the same token */
function userOf(token: unknown): User {
  const [claims = '', signature = ''] = typeof token === 'string' ? token.split('.') : []
  const given = Buffer.from(signature)
  const expected = Buffer.from(signatureOf(claims))
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new RpcError('UNAUTHENTICATED', 'The token is not valid.')
  }
  const user = Claims.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()))
  if (user.expiresAtMs <= Date.now()) throw new RpcError('UNAUTHENTICATED', 'The token has expired.')
  return user
}

const impl = implement(files).$context<{ readonly user: User }>()
const handlers = impl.handlers({
  whoAmI: ({ context }) => context.user.name,
  // A middleware for this procedure alone.
  remove: impl
    .at('remove')
    .use(({ context, next }) => {
      if (context.user.role !== 'admin') throw new RpcError('PERMISSION_DENIED', 'Only an admin may remove.')
      return next()
    })
    .handler(({ input, context }) => console.log(`${context.user.name} removed ${input}`)),
})
const server = createServer(handlers, {
  log: false, // it would warn of the client that it turns away below
  context: ({ hello }) => ({ user: userOf(hello.auth) }), // once for each connection
  principal: ({ context }) => context.user.name,
})
const { url } = await server.listen('tcp://127.0.0.1:0')

const inAnHour = Date.now() + 3_600_000
const tokens = [
  issueToken({ name: 'Ada', role: 'admin', expiresAtMs: inAnHour }),
  issueToken({ name: 'Grace', role: 'reader', expiresAtMs: inAnHour }),
  'forged',
]
for (const token of tokens) {
  const client = createClient(files, url, { auth: token })
  const name = await safe(client.whoAmI())
  console.log(name.ok ? name.data : `${name.error.code}: ${name.error.message}`)
  const removed = await safe(client.remove('notes.txt'))
  if (!removed.ok) console.log(removed.error.code)
  await client.$close()
}
await server.close()

//> Ada
//> Ada removed notes.txt
//> Grace
//> PERMISSION_DENIED
//> UNAUTHENTICATED: The token is not valid.
//> UNAUTHENTICATED
