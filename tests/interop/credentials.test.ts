import { type CredentialsFacts, createClient, safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { afterEach, expect, it } from 'vitest'
import { portOf } from './support/backends.ts'
import { startPython } from './support/python.ts'

const empty = contract('empty', { version: 1, procedures: { nothing: procedure({}) } })
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const reversed = (challenge: unknown) =>
  challenge instanceof Uint8Array
    ? Uint8Array.from(challenge).reverse()
    : [...String(challenge)].reverse().join('')

it('our client answers challenges of the server in Python, during and after the handshake, and renews its credentials', async () => {
  const completionPort = portOf('net')
  const python = startPython('credentials_peer.py', 'server')
  closing.push(async () => {
    python.kill()
    await completionPort.close()
  })
  const { port } = await python.next()
  const asked: CredentialsFacts[] = []
  const auth = (facts: CredentialsFacts) => {
    asked.push(facts)
    if (facts.reason === 'challenge') return facts.challenge === 'name' ? 'ann 3' : reversed(facts.challenge)
    return facts.reason === 'connect' ? 'ann 1' : 'eve 1'
  }
  const client = createClient(empty, `tcp://127.0.0.1:${port}`, { completionPort, auth })
  closing.push(() => client.$close({ graceMs: 0 }))
  await client.$connection.opened()
  await client.$connection.renewAuth('ann 2')
  const { error } = await safe(client.$connection.renewAuth())
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'nobody knows you' })
  python.tell('ask name')
  expect(await python.next()).toEqual({ answer: 'ann 3' })
  expect(asked).toEqual([
    { reason: 'connect' },
    { reason: 'challenge', challenge: new TextEncoder().encode('nonce') },
    { reason: 'renew' },
    { reason: 'challenge', challenge: 'name' },
  ])
  expect(client.$connection.state).toBe('open')
})

it('our server challenges the client in Python, during and after the handshake, and accepts new credentials from it', async () => {
  const port = portOf('net')
  const shown: unknown[] = []
  const server = createServer(
    implement(empty)
      .$context<{ readonly name: string }>()
      .handlers({ nothing: () => undefined }),
    {
      completionPort: port,
      log: false,
      context: async ({ hello, challenge }) => {
        shown.push(hello.auth, await challenge(Uint8Array.of(1, 2, 3)), await challenge('abc'))
        return { name: 'ann' }
      },
      renewContext: ({ auth, challenge, context }) => {
        shown.push({ auth, challenge })
        if (challenge === undefined && !String(auth).startsWith(context.name))
          throw new RpcError('PERMISSION_DENIED', 'you are ann')
        return context
      },
    },
  )
  closing.push(async () => {
    await server.close({ graceMs: 0 })
    await port.close()
  })
  const listener = await server.listen('tcp://127.0.0.1:0')
  const python = startPython('credentials_peer.py', 'client', new URL(listener.url).port)
  expect(await python.next()).toEqual({ opened: true })
  python.tell('offer ann 2')
  expect(await python.next()).toEqual({ taken: true })
  python.tell('offer bob 1')
  expect(await python.next()).toEqual({ taken: false, code: 'PERMISSION_DENIED', text: 'you are ann' })
  const [connection] = server.connections
  await connection?.challenge('who')
  python.tell('asked')
  expect(await python.next()).toEqual({ asked: [[1, 2, 3], 'abc', 'who'] })
  expect(shown).toEqual([
    'ann 1',
    Uint8Array.of(3, 2, 1),
    'cba',
    { auth: 'ann 2', challenge: undefined },
    { auth: 'bob 1', challenge: undefined },
    { auth: 'ohw', challenge: 'who' },
  ])
  await python.finish()
})
