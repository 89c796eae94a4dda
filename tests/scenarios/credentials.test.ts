import type { CredentialsFacts } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { implement, type ServerOptions, safe } from '@frameport/server'
import { expect } from 'vitest'
import { z } from 'zod'
import { testInEveryWorld } from './served-in.ts'

interface Member {
  readonly name: string
  readonly token: string
}

const club = contract('club', {
  version: 1,
  procedures: {
    whoAmI: procedure({ output: z.string() }),
    tokens: procedure({ items: z.string() }),
    listen: procedure({}),
  },
  events: { news: event(z.string()) },
})

/** A token consists of a name and a number. */
const memberOf = (auth: unknown): Member => {
  const [name = ''] = String(auth).split(' ')
  if (name === 'eve') throw new RpcError('UNAUTHENTICATED', 'nobody knows eve')
  return { name, token: String(auth) }
}

function made(options: Partial<ServerOptions<Member>> = {}) {
  const implementation = implement(club)
    .$context<Member>()
    .handlers({
      listen: ({ connection }) => connection.subscribe(club.events.news),
      whoAmI: ({ context }) => context.token,
      async *tokens({ context, signal }) {
        yield context.token
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      },
    })
  return {
    implementation,
    options: {
      context: ({ hello }: { readonly hello: { readonly auth: unknown } }) => memberOf(hello.auth),
      renewContext: ({ auth, context }: { readonly auth: unknown; readonly context: Member }) => {
        const member = memberOf(auth)
        if (member.name !== context.name) throw new RpcError('PERMISSION_DENIED', `you are ${context.name}`)
        return member
      },
      ...options,
    },
  }
}

testInEveryWorld(
  'a token is renewed while a stream and a subscription continue',
  () => made(),
  async ({ world, server }) => {
    let number = 0
    const auth = () => `ann ${++number}`
    const client = await world.connect(server, club, { auth })
    const news: string[] = []
    client.$on('news', (text) => void news.push(text))
    await world.run(client.listen())
    const stream = client.tokens()
    expect(await world.run(stream.next())).toMatchObject({ value: 'ann 1' })
    await world.run(client.$connection.renewAuth())
    expect(await world.run(client.whoAmI())).toBe('ann 2')
    server.publish(club.events.news, 'still there')
    await world.eventually('the news', () => news.length > 0)
    await world.run(stream.return())
    expect([news, [...server.connections].map(({ context }) => context)]).toEqual([
      ['still there'],
      [{ name: 'ann', token: 'ann 2' }],
    ])
  },
)

testInEveryWorld(
  'credentials of another user, and wrong credentials, are refused, and the old credentials stay valid',
  () => made(),
  async ({ world, server }) => {
    const client = await world.connect(server, club, { auth: 'ann 1' })
    await world.run(client.$connection.opened())
    const failures = [
      await world.run(safe(client.$connection.renewAuth('bob 1'))),
      await world.run(safe(client.$connection.renewAuth('eve 1'))),
    ]
    expect(failures.map(({ error }) => error)).toMatchObject([
      { code: 'PERMISSION_DENIED', message: 'you are ann' },
      { code: 'UNAUTHENTICATED', message: 'nobody knows eve' },
    ])
    expect(await world.run(client.whoAmI())).toBe('ann 1')
  },
)

testInEveryWorld(
  'a server challenges a client before it accepts it, and again when a token has expired',
  () =>
    made({
      context: async ({ hello, challenge }) => {
        const proof = await challenge({ nonce: String(hello.auth) })
        if (proof === undefined) throw new RpcError('UNAUTHENTICATED', 'a proof is needed')
        return memberOf(proof)
      },
    }),
  async ({ world, server }) => {
    const asked: CredentialsFacts[] = []
    const auth = (facts: CredentialsFacts) => {
      asked.push(facts)
      return facts.reason === 'connect' ? 'ann' : `ann ${asked.length}`
    }
    const client = await world.connect(server, club, { auth })
    expect(await world.run(client.whoAmI())).toBe('ann 2')
    const [connection] = server.connections
    await world.run(connection?.challenge(null) ?? Promise.reject(new Error('nobody is there')))
    expect(await world.run(client.whoAmI())).toBe('ann 3')
    expect(asked).toEqual([
      { reason: 'connect' },
      { reason: 'challenge', challenge: { nonce: 'ann' } },
      { reason: 'challenge', challenge: null },
    ])
    const without = await world.connect(server, club, { auth: 'ann' })
    expect((await world.run(safe(without.whoAmI()))).error).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'a proof is needed',
    })
  },
)
