import { type CreateClientOptions, createClient, safe } from '@frameport/client'
import { tls as tlsConnector } from '@frameport/client/tls'
import { type Connection, createCompletionPort } from '@frameport/iocp-core'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement, type ServerOptions, type TlsListenOptions } from '@frameport/server'
import { tls as tlsAcceptor } from '@frameport/server/tls'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeAuthority } from '../support/certificates.ts'
import { until } from '../support/until.ts'
import { recordingLog } from './setup.ts'

const authority = await makeAuthority('House')
const stranger = await makeAuthority('Stranger')
const served = await authority.issue('localhost')
const ca = authority.cert
const clientOf = (name: string) => authority.issue(name, { usage: 'client' })

const house = contract('house', {
  version: 1,
  procedures: {
    whoAmI: procedure({ output: z.string() }),
    count: procedure({ items: z.number() }),
    length: procedure({ input: z.string(), output: z.number() }),
  },
  events: { news: event(z.string(), { subscribe: 'clients' }) },
})

/** Handlers of servers that are never called. */
const idle = {
  whoAmI: () => 'nobody',
  async *count() {},
  length: () => 0,
}

/** A server on its own port, and a function that closes everything. */
async function serving(
  listen: Partial<TlsListenOptions> = {},
  more: Pick<ServerOptions<object>, 'context' | 'limits' | 'shareKey'> = {},
) {
  const port = createCompletionPort({ poisonLentBytes: true })
  const { log, lines } = recordingLog()
  /** The connections of clients, below TLS. */
  const connections = new Set<Connection>()
  const connect = port.connect.bind(port)
  port.connect = async (...given) => {
    const connection = await connect(...given)
    connections.add(connection)
    return connection
  }
  const server = createServer(
    implement(house).handlers({
      whoAmI: ({ connection }) => connection.tls?.peerCertificate?.subject ?? 'nobody',
      async *count() {
        for (let number = 0; number < 2_000; number++) {
          yield number
          if (number % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1))
        }
      },
      length: ({ input }) => input.length,
    }),
    { log, completionPort: port, authorizeSubscribe: () => true, ...more },
  )
  const listener = await server.listen('tls://127.0.0.1:0', { ...served, ...listen })
  const clients: { $close(): Promise<void> }[] = []
  return {
    port,
    server,
    listener,
    lines,
    cut() {
      for (const connection of connections) connection.abort()
      connections.clear()
    },
    client(options: CreateClientOptions<typeof house> = {}) {
      const client = createClient(house, listener.url, { completionPort: port, ca, ...options })
      clients.push(client)
      return client
    },
    async close() {
      await Promise.all(clients.map((client) => client.$close()))
      await server.close({ graceMs: 0 })
      await until(() => port.counters.connections === 0)
      await port.close()
      expect(Object.entries(port.counters).filter(([, count]) => count > 0)).toEqual([])
    },
  }
}

const never = { reconnect: false } as const

test('handlers and the option context see the certificate of a client', async () => {
  const seen: (string | undefined)[] = []
  const { client, close } = await serving(
    { ca, requestClientCert: true },
    {
      context: ({ connection }) => {
        seen.push(connection.tls?.peerCertificate?.subject, connection.tls?.version)
        return {}
      },
    },
  )
  expect(await client(await clientOf('anna')).whoAmI()).toBe('CN=anna')
  expect(await client(await clientOf('bert')).whoAmI()).toBe('CN=bert')
  expect(seen).toEqual(['CN=anna', 'TLSv1.3', 'CN=bert', 'TLSv1.3'])
  await close()
})

describe('A call over a failed TLS connection reports the failed check', () => {
  test.each([
    [
      'a server certificate from an unknown authority',
      async () => ({ ca: stranger.cert }),
      /not issued by an authority that this side trusts/,
    ],
    ['another name', async () => ({ serverName: 'other.example' }), /is for another name/],
    [
      'no client certificate, although one is required',
      async () => ({}),
      /requires a client certificate|ended without a goaway/,
    ],
    [
      'a key that does not belong to the certificate',
      async () => ({ ...(await clientOf('anna')), key: served.key }),
      /key is not the key of cert/,
    ],
    [
      'the path of a file in place of a certificate',
      async () => ({ ca: '/etc/ca.pem' }),
      /looks like the path of a file/,
    ],
  ])('%s', async (_, options, text) => {
    const { client, close } = await serving({ ca, requestClientCert: true })
    const { error } = await safe(client({ ...never, ...(await options()) }).whoAmI())
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(text) })
    await close()
  })
})

test('plain clients and plain servers are detected, and both sides report that', async () => {
  const { listener, lines, port, close } = await serving()
  const plain = createClient(house, listener.url.replace('tls', 'tcp'), { completionPort: port, ...never })
  expect((await safe(plain.whoAmI())).error).toMatchObject({ code: 'UNAVAILABLE' })
  await until(() =>
    lines.some(
      ({ facts }) =>
        JSON.stringify(facts).includes('TLS_NOT_SPOKEN') || String(facts.err).includes('not TLS'),
    ),
  )
  const open = createServer(implement(house).handlers(idle), {
    log: false,
    completionPort: port,
    authorizeSubscribe: () => true,
  })
  const { url } = await open.listen('tcp://127.0.0.1:0')
  const secure = createClient(house, url.replace('tcp', 'tls'), { completionPort: port, ca, ...never })
  expect((await safe(secure.whoAmI())).error).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/What the peer sends is not TLS|in the TLS handshake/),
  })
  await Promise.all([plain.$close(), secure.$close(), open.close()])
  await close()
})

test('a session survives twenty cuts, its stream has no gap, and its client shows a renewed certificate', async () => {
  const { client, close, cut } = await serving({ ca, requestClientCert: true })
  let issued = 0
  const sessions: boolean[] = []
  const anna = client({
    ca: undefined,
    certificates: async () => {
      issued++
      return { ca, ...(await clientOf('anna')) }
    },
    reconnect: { delayMs: 5, delayMaxMs: 50 },
    onSession: ({ resumed }) => void sessions.push(resumed),
  })
  expect(await anna.whoAmI()).toBe('CN=anna')
  const numbers: number[] = []
  const cutter = (async () => {
    for (let cuts = 0; cuts < 20; cuts++) {
      await until(() => anna.$connection.state === 'open')
      cut()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })()
  for await (const number of anna.count()) numbers.push(number)
  await cutter
  await until(() => anna.$connection.state === 'open')
  expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, index) => index))
  expect(sessions.slice(1).every((resumed) => resumed)).toBe(true)
  expect(issued).toBeGreaterThan(1)
  expect(await anna.whoAmI()).toBe('CN=anna')
  await close()
})

test('long values arrive at a slow reader', async () => {
  const { client, close } = await serving()
  const some = client()
  const text = 'x'.repeat(900_000)
  expect(await Promise.all([some.length(text), some.length(text), some.length('')])).toEqual([
    900_000, 900_000, 0,
  ])
  await close()
})

test('a client that does not complete the handshake counts for the share of its address, and is disconnected after helloTimeoutMs', async () => {
  const { port, listener, client, server, close } = await serving(
    {},
    { limits: { connectionsPerShareMax: 2, helloTimeoutMs: 300 }, shareKey: () => 'everybody' },
  )
  const silent = await Promise.all([0, 1].map(() => port.connect(listener.url.replace('tls', 'tcp'))))
  let gone = 0
  for (const connection of silent)
    connection.start({ data() {}, end() {}, drain() {}, close: () => void gone++ })
  await until(() => server.connections.size === 2)
  expect((await safe(client(never).whoAmI())).error).toMatchObject({ code: 'UNAVAILABLE' })
  await until(() => gone === 2)
  expect(await client(never).whoAmI()).toBe('nobody')
  await close()
})

test('tls() of server and client do the same, and the certificates can be replaced', async () => {
  const { log } = recordingLog()
  const server = createServer(
    implement(house).handlers({ whoAmI: () => 'you', count: async function* () {}, length: () => 0 }),
    {
      log,
      authorizeSubscribe: () => true,
    },
  )
  const listener = await server.listen(tlsAcceptor('tls://127.0.0.1:0', { ...served, backend: 'net' }))
  expect(listener.backend).toBe('net')
  const client = createClient(house, tlsConnector(listener.url, { ca, backend: 'net' }))
  expect(await client.whoAmI()).toBe('you')
  listener.replaceCertificates?.(await stranger.issue('localhost'))
  const other = createClient(house, tlsConnector(listener.url, { ca, backend: 'net' }), never)
  expect((await safe(other.whoAmI())).error).toMatchObject({ code: 'UNAVAILABLE' })
  expect(await client.whoAmI()).toBe('you')
  await Promise.all([client.$close(), other.$close(), server.close()])
})

describe('Wrong options are refused', () => {
  test.each([
    [{ certificates: async () => ({}), ca }, /certificates is given together with ca/],
    [{ certificates: 5 }, /certificates/],
    [{ serverName: 5 }, /serverName/],
    [{ passphrase: 5 }, /passphrase is not a string/],
    [{ cart: 'x' }, /Perhaps you meant cert|cart/],
  ])('%j of a client', (options, text) => {
    const make = () => createClient(house, 'tls://127.0.0.1:5500', options as object)
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(text) }),
    )
  })

  test.each([
    [{}, 'INVALID_CERTIFICATES', /cert is missing/],
    [{ ...served, requestClientCert: 'yes' }, 'INVALID_ARGUMENT', /not true, false or 'optional'/],
    [{ ...served, serverNames: [] }, 'INVALID_ARGUMENT', /serverNames/],
    [{ ...served, handshakeTimeoutMs: 0 }, 'INVALID_ARGUMENT', /handshakeTimeoutMs/],
    [{ ...served, unixMode: 0o600 }, 'INVALID_OPTION', /unixMode/],
  ])('%# of a server', async (options, code, text) => {
    const server = createServer(implement(house).handlers(idle), {
      log: false,
      authorizeSubscribe: () => true,
    })
    await expect(server.listen('tls://127.0.0.1:0', options as TlsListenOptions)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(text),
    })
    await server.close()
  })
})

test('a refusal by the server reaches the client over TLS', async () => {
  const { client, close } = await serving(
    {},
    {
      context: () => {
        throw new RpcError('UNAUTHENTICATED', 'Nobody has this key.')
      },
    },
  )
  expect((await safe(client(never).whoAmI())).error).toMatchObject({ code: 'UNAUTHENTICATED' })
  await close()
})
