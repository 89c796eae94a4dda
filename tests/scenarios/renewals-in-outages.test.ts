import { type ClientOptions, createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

interface User {
  readonly name: string
  readonly role: string
}

const office = contract('office', { version: 1, procedures: { who: procedure({ output: z.string() }) } })

const userOf = (token: unknown): User => {
  const [name = '', role = ''] = String(token).split('/')
  if (name !== 'ada') throw new RpcError('UNAUTHENTICATED', `nobody knows ${name}`)
  return { name, role }
}

/** A client and a server, and a network between them that a test can break. */
async function started(auth: ClientOptions['auth'], { renews } = { renews: true }) {
  const network = createSimNetwork({ seed: 1, latencyMs: 5 })
  const { clock } = network
  const here = network.host('here')
  const there = network.host('there')
  const implementation = implement(office)
    .$context<User>()
    .handlers({ who: ({ context }) => `${context.name} is ${context.role}` })
  const server = createServer(implementation, {
    environment: there.environment,
    log: false,
    context: ({ hello }) => userOf(hello.auth),
    principal: ({ context }) => context.name,
    ...(renews ? { renewContext: ({ auth: given }) => userOf(given) } : {}),
  })
  await server.listen(there.acceptor(1))
  const sessions: boolean[] = []
  const client = createClient(office, here.connector('there:1'), {
    environment: here.environment,
    auth,
    onSession: ({ resumed }) => void sessions.push(resumed),
  })
  await clock.until(client.who())
  const cut = () => network.connections[0]?.cut('reset')
  const close = async () => {
    await clock.until(client.$close())
    await clock.until(server.close())
    expect(clock.leftOvers()).toEqual([])
  }
  return { clock, client, sessions, cut, close }
}

describe('Credentials that are renewed over an unreliable network', () => {
  const moments = [
    { when: 'on an open connection', before: undefined, after: undefined },
    { when: 'in an outage', before: 10, after: undefined },
    ...[0, 2, 5, 7, 10].map((after) => ({ when: `${after} ms before a cut`, before: undefined, after })),
  ]
  describe.each(moments)('$when', ({ before, after }) => {
    test.each(['a value', 'a function'])('apply to later calls: %s', async (kind) => {
      let token = 'ada/guest'
      const { clock, client, sessions, cut, close } = await started(kind === 'a value' ? token : () => token)
      token = 'ada/admin'
      if (before !== undefined) {
        cut()
        await clock.advance(before)
      }
      const renewed =
        kind === 'a value' ? client.$connection.renewAuth(token) : client.$connection.renewAuth()
      if (after !== undefined) {
        await clock.advance(after)
        cut()
      }
      await clock.until(renewed)
      expect(await clock.until(client.who())).toBe('ada is admin')
      expect(sessions.slice(1)).toEqual(before === undefined && after === undefined ? [] : [true])
      await close()
    })
  })

  test('are those that a function returned last if the session is resumed', async () => {
    let count = 0
    const { clock, client, sessions, cut, close } = await started(() => `ada/${++count}`)
    cut()
    await clock.until(client.who())
    await clock.advance(50)
    expect(await clock.until(client.who())).toBe('ada is 2')
    expect(sessions).toEqual([false, true])
    await close()
  })

  test('are refused, as on an open connection, by a server that accepts them only in a hello', async () => {
    const { clock, client, cut, close } = await started('ada/guest', { renews: false })
    cut()
    await clock.advance(10)
    const { error } = await clock.until(safe(client.$connection.renewAuth('ada/admin')))
    expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
    expect(await clock.until(client.who())).toBe('ada is guest')
    await close()
  })
})
