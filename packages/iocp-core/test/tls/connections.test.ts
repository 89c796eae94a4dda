import { createServer } from 'node:net'
import { type ConnectionOptions, connect as connectPlainly, createServer as createTlsServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { makeAuthority } from '../../../../tests/support/certificates.ts'
import { until } from '../../../../tests/support/until.ts'
import { probe } from '../../src/index.ts'
import { connectTls, listenTls, parseTlsEndpoint, tlsUrl } from '../../src/tls.ts'
import { TlsEnd, TlsHouse, withHouse } from './tls-ends.ts'

const authority = await makeAuthority('Trusted')
const good = await authority.issue('localhost')
const ca = authority.cert
const mebibyte = 1024 * 1024

const hello = Buffer.from('hello')

/** Connects to `url` with node:tls. */
const plainly = (url: string, options: ConnectionOptions) => {
  const { host, port } = parseTlsEndpoint(url)
  return connectPlainly({ host, port, ca, servername: 'localhost', ...options })
}

for (const { backend, available, reason } of probe()) {
  describe(`TLS over ${backend}`, () => {
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)

    const within = (run: (house: TlsHouse) => Promise<void>, house = new TlsHouse(backend)) =>
      withHouse(house, good, run)

    test('carries bytes both ways, and ends in order from either side', () =>
      within(async (house) => {
        for (const first of ['client', 'server'] as const) {
          const client = await house.connect({ ca })
          client.connection.send([hello, Buffer.from(' there')])
          const served = await until(() => house.served.at(-1))
          await until(() => served.text === 'hello there')
          served.connection.send(Buffer.from('welcome'))
          const [one, other] = first === 'client' ? [client, served] : [served, client]
          one.connection.end()
          await until(() => other.ends === 1)
          expect(other.closes).toEqual([])
          other.connection.send(Buffer.from(', goodbye'))
          other.connection.end()
          await until(() => one.closes.length + other.closes.length === 2)
          expect([one.closes, other.closes, one.ends]).toEqual([[undefined], [undefined], 1])
          expect(client.text + served.text).toContain(', goodbye')
          expect(one.connection.send(hello)).toBe('closed')
        }
      }))

    test('delivers the end of a paused connection after all bytes', () =>
      within(async (house) => {
        const client = await house.connect({ ca })
        const served = await until(() => house.served[0])
        served.connection.pause()
        client.connection.send(Buffer.alloc(200_000, 7))
        client.connection.end()
        served.connection.end()
        await until(() => client.ends === 1)
        await new Promise((resolve) => setImmediate(resolve))
        expect(served.ends).toBe(0)
        served.connection.resume()
        await until(() => served.closes.length === 1)
        expect([served.bytes, served.ends, served.closes]).toEqual([200_000, 1, [undefined]])
      }))

    test('stops a sender whose bytes are not read, and lets it continue when they are', () =>
      within(
        async (house) => {
          const client = await house.connect({ ca })
          const served = await until(() => house.served[0])
          served.connection.pause()
          const chunk = Buffer.alloc(65_536, 1)
          let sent = 0
          while (sent < 64 * mebibyte) {
            sent += chunk.length
            if (client.connection.send(chunk) === 'full') {
              const waited = client.connection.drained().then(() => 'drained')
              const stands = new Promise((resolve) => setTimeout(resolve, 300, 'stands'))
              if ((await Promise.race([waited, stands])) === 'stands') break
            }
          }
          expect(sent).toBeLessThan(32 * mebibyte)
          expect(client.connection.queuedBytes).toBeGreaterThan(16_384)
          const drains = client.drains
          served.connection.resume()
          await until(() => served.bytes === sent)
          await client.connection.drained()
          expect(client.drains).toBe(drains + 1)
          client.connection.abort()
        },
        new TlsHouse(backend, { sendQueueHighBytes: 65_536, sendQueueLowBytes: 16_384 }),
      ))

    test('sends bytes that were given before the handshake when it is complete', () =>
      within(async (house) => {
        const early = new Promise<TlsEnd>((resolve) => {
          void listenTls(
            house.port,
            'tls://127.0.0.1:0',
            (connection) => {
              expect(connection.tls).toBeUndefined()
              connection.send(hello)
              connection.end()
              expect(connection.send(hello)).toBe('closed')
              resolve(new TlsEnd(connection))
            },
            good,
          ).then(async (listener) => {
            const client = await house.connect({ ca }, listener.url)
            await until(() => client.ends === 1)
            expect(client.text).toBe('hello')
            client.connection.end()
            await until(() => client.closes.length === 1)
            await listener.close()
          })
        })
        const served = await early
        await until(() => served.closes.length === 1)
        expect(served.closes).toEqual([undefined])
      }))

    test('reports an abort on both sides, with its reason here and as a reset there', () =>
      within(async (house) => {
        const client = await house.connect({ ca })
        const served = await until(() => house.served[0])
        await until(() => served.connection.tls !== undefined)
        const reason = new Error('enough')
        client.connection.abort(reason)
        expect(await client.closed()).toBe(reason)
        expect(await served.closed()).toMatchObject({ code: 'CONNECTION_RESET' })
      }))

    test('treats a peer that leaves without close_notify as one that has ended its side', () =>
      within(async (house) => {
        const socket = plainly(house.listener.url, { ALPNProtocols: ['frameport/1'] })
        await new Promise((resolve) => socket.once('secureConnect', resolve))
        socket.write('hal')
        const served = await until(() => house.served.find(({ text }) => text === 'hal'))
        // Below TLS: a FIN without a close_notify before it.
        socket.on('error', () => undefined)
        ;(socket as unknown as { _parent: { end(): void } | null })._parent?.end()
        socket.destroy()
        await until(() => served.ends + served.closes.length > 0)
        expect(served.text).toBe('hal')
      }))

    test('gives up on a client that never begins its handshake', async () => {
      const house = new TlsHouse(backend)
      await house.listen({ ...good, handshakeTimeoutMs: 50 })
      const plain = await house.port.connect(house.listener.url.replace('tls', 'tcp'))
      plain.start({ data() {}, end: () => plain.end(), drain() {}, close() {} })
      expect(await house.served1()).toMatchObject({
        code: 'TLS_FAILED',
        message: expect.stringContaining('in time'),
      })
      await house.close()
    })

    test('gives up on a server that never answers, within the time to connect', () =>
      within(async (house) => {
        const silent = await house.port.listen('tcp://127.0.0.1:0', (connection) =>
          connection.start({ data() {}, end: () => connection.end(), drain() {}, close() {} }),
        )
        const url = silent.url.replace('tcp', 'tls')
        await expect(connectTls(house.port, url, { ca, timeoutMs: 100 })).rejects.toMatchObject({
          code: 'CONNECT_TIMEOUT',
          message: expect.stringContaining('in the TLS handshake (100 ms)'),
        })
        const abort = new AbortController()
        const aborted = connectTls(house.port, url, { ca, signal: abort.signal })
        setTimeout(() => abort.abort(), 20)
        await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
        await silent.close()
      }))

    test('names tls addresses in errors of connect and listen', () =>
      within(async (house) => {
        const { url } = house.listener
        await expect(listenTls(house.port, url, () => undefined, good)).rejects.toMatchObject({
          code: 'ADDRESS_IN_USE',
          message: expect.stringContaining(`listen ${url} (`),
        })
        await house.listener.close()
        const error = await connectTls(house.port, url, { ca }).catch((reason: unknown) => reason)
        expect(error).toMatchObject({
          code: 'CONNECTION_REFUSED',
          message: expect.stringMatching(/^connect tls:/),
          stack: expect.stringContaining(`connect ${url} (`),
        })
      }))

    test('recognises a client without TLS by its first bytes', () =>
      within(async (house) => {
        const plain = await house.port.connect(house.listener.url.replace('tls', 'tcp'))
        plain.start({ data() {}, end: () => plain.end(), drain() {}, close() {} })
        plain.send(Buffer.from([0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
        expect(await house.served1()).toMatchObject({ code: 'TLS_NOT_SPOKEN' })
      }))

    test('recognises a server without TLS by its answer', () =>
      within(async (house) => {
        const server = createServer(
          (socket) =>
            void socket.on('error', () => undefined).end(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
        )
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as { readonly port: number }
        await expect(connectTls(house.port, `tls://127.0.0.1:${port}`, { ca })).rejects.toMatchObject({
          code: 'TLS_NOT_SPOKEN',
        })
        server.close()
      }))

    test('accepts no version below TLS 1.2, and no other protocol than Frameport', () =>
      within(async (house) => {
        const outcome = (options: ConnectionOptions) =>
          new Promise<string>((resolve) => {
            const socket = plainly(house.listener.url, options)
            socket.on('secureConnect', () => {
              resolve(`${socket.getProtocol()} ${socket.alpnProtocol}`)
              socket.destroy()
            })
            socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
          })
        expect(await outcome({ maxVersion: 'TLSv1.2', ALPNProtocols: ['frameport/1'] })).toBe(
          'TLSv1.2 frameport/1',
        )
        expect(await outcome({})).toBe('TLSv1.3 false')
        expect(
          await outcome({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
        ).toMatch(/PROTOCOL_VERSION|VERSION_TOO_LOW/)
        expect(await outcome({ ALPNProtocols: ['http/1.1'] })).toBe(
          'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
        )
      }))

    test('continues with a server without ALPN, for example a proxy that terminates TLS', () =>
      within(async (house) => {
        const server = createTlsServer(good, (socket) => void socket.end('hello'))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port } = server.address() as { readonly port: number }
        const client = await house.connect({ ca }, `tls://127.0.0.1:${port}`)
        await until(() => client.ends === 1)
        expect([client.text, client.connection.tls?.protocol]).toEqual(['hello', undefined])
        client.connection.end()
        await client.closed()
        server.close()
      }))
  })
}

describe('an endpoint of TLS', () => {
  test.each([
    ['tls://[::1]:5500', '::1', 5500],
    ['TLS://chat.example.com:1/', 'chat.example.com', 1],
    [{ kind: 'tls', host: '127.0.0.1', port: 0 } as const, '127.0.0.1', 0],
  ])('is read: %j', (given, host, port) => {
    expect(parseTlsEndpoint(given)).toEqual({ kind: 'tcp', host, port })
  })

  test('has a URL that can be read back', () => {
    expect(tlsUrl(parseTlsEndpoint('tls://[::1]:5500'))).toBe('tls://[::1]:5500')
  })

  test.each([
    ['tls://', 'Perhaps you meant: tls://127.0.0.1:5500'],
    ['tls:host:1', 'Perhaps you meant: tls://host:1'],
    ['tls://host', 'Perhaps you meant: tls://host:5500'],
    ['tls://::1:5500', 'Perhaps you meant: tls://[::1]:5500'],
    ['tls://h:99999', "for example 'tls://127.0.0.1:5500'"],
    ['tcp://h:1', "for example 'tls://127.0.0.1:5500'"],
    ['unix:/tmp/x', "for example 'tls://127.0.0.1:5500'"],
  ])('is refused with a suggestion: %s', (given, text) => {
    expect(() => parseTlsEndpoint(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_ENDPOINT', message: expect.stringContaining(text) }),
    )
  })
})
