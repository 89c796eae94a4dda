import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../../../../tests/support/until.ts'
import type { AcceptorListener } from '../../src/index.ts'
import { type WebSocketListenOptions, ws } from '../../src/ws.ts'
import { rawPeer, upgraded, upgradeRequest } from './by-hand.ts'

const sockets: Socket[] = []
const listeners: AcceptorListener[] = []
let accepted: (string | undefined)[]
let failures: Error[]
let http: ReturnType<typeof createHttpServer>
let port: number

beforeEach(async () => {
  accepted = []
  failures = []
  http = createHttpServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  port = (http.address() as AddressInfo).port
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const listener of listeners.splice(0)) await listener.close()
  await new Promise((resolve) => http.close(resolve))
})

async function listen(place: Parameters<typeof ws>[0], options: WebSocketListenOptions = {}) {
  const listener = await ws(place, options).listen({
    accepted: (_, from) => void accepted.push(from?.remoteEndpoint),
    acceptFailed: (error) => void failures.push(error),
  })
  listeners.push(listener)
  return listener
}

const connections = () =>
  new Promise<number>((resolve, reject) =>
    http.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )

/** @returns the status of the response to a client that does not end the connection */
async function asked(path: string, headers: readonly string[] = []) {
  const { socket, text } = rawPeer(port, sockets)
  socket.write(upgradeRequest(path, headers))
  await until(() => text().includes('\r\n\r\n'))
  return text().slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3)
}

describe('A path of an HTTP server', () => {
  test('belongs to one listener, until that listener closes', async () => {
    const first = await listen({ server: http, path: '/chat' })
    await expect(listen({ server: http, path: '/chat' })).rejects.toThrow(/already uses the path \/chat/)
    expect(await asked('/chat')).toBe('101')
    await first.close()
    await first.close()
    expect(http.listenerCount('upgrade')).toBe(0)
    await listen({ server: http, path: '/chat' })
    await first.close()
    expect(await asked('/chat')).toBe('101')
    expect(accepted.length).toBe(2)
  })

  test('that belongs to none of several listeners is answered with 404', async () => {
    await listen({ server: http, path: '/a' })
    const b = await listen({ server: http, path: '/b' })
    expect(await asked('/c')).toBe('404')
    expect([await asked('/a'), await asked('/b')]).toEqual(['101', '101'])
    await b.close()
    expect(await asked('/b')).toBe('404')
  })

  test('that another upgrade listener also answers is reported, and stays in use', async () => {
    const others = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) =>
      others.handleUpgrade(request, socket, head, () => undefined),
    )
    await listen({ server: http, path: '/chat' })
    expect(await asked('/chat')).toBe('101')
    expect(failures.map(({ message }) => message)).toEqual([
      'another listener of the HTTP server answered a request for a Frameport WebSocket',
    ])
    others.close()
  })
})

test.each([
  ['404', '/other', []],
  ['403', '/chat', ['Origin: https://evil.example']],
])(
  'a connection that is refused with %s closes, even if its peer does not end it',
  async (status, path, headers) => {
    await listen({ server: http, path: '/chat' })
    expect(await asked(path, headers)).toBe(status)
    await until(async () => (await connections()) === 0)
  },
)

test('a connection whose peer does not read the refusal closes soon', async () => {
  // Too long for the buffers of the system.
  http.on('request', (_request, response) => response.end(Buffer.alloc(64 * 1024 * 1024)))
  await listen({ server: http, path: '/chat' })
  const { socket } = rawPeer(port, sockets)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  socket.write(upgradeRequest('/other'))
  await until(async () => (await connections()) === 1)
  await until(async () => (await connections()) === 0)
})

test.each([
  ['nothing', ''],
  ['half a request', 'GET / HTTP/1.1\r\nHost: 127'],
])('an HTTP server of the listener does not wait for a client that has sent %s', async (_, text) => {
  const listener = await listen('ws://127.0.0.1:0/')
  const own = Number(new URL(listener.url).port)
  const webSocket = await upgraded(own, sockets)
  const { socket, isEnded } = rawPeer(own, sockets)
  await once(socket, 'connect')
  socket.write(text)
  // The server has received the text when it answers a later request.
  const later = rawPeer(own, sockets)
  later.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await until(() => later.text().includes('426'))
  await listener.close()
  await until(isEnded)
  expect(webSocket.isEnded()).toBe(false)
})

describe('A function of the options', () => {
  test.each<[string, WebSocketListenOptions, RegExp]>([
    [
      'origins',
      { origins: (async () => Promise.reject(new Error('no'))) as never },
      /origins returned a promise/,
    ],
    ['origins', { origins: (async () => true) as never }, /origins returned a promise/],
    [
      'remoteEndpoint',
      { remoteEndpoint: (async () => Promise.reject(new Error('no'))) as never },
      /remoteEndpoint returned a promise/,
    ],
    [
      'remoteEndpoint',
      { remoteEndpoint: (() => undefined) as never },
      /remoteEndpoint did not return a string/,
    ],
  ])(
    '%s, that does not return its result synchronously, refuses the request, and its rejection is handled',
    async (_, options, text) => {
      await listen({ server: http, path: '/chat' }, { origins: 'any', ...options })
      expect(await asked('/chat', ['Origin: https://good.example'])).toBe('500')
      expect(failures.map(({ cause }) => String(cause))).toEqual([expect.stringMatching(text)])
    },
  )

  test.each([
    ['192.0.2.1', 'ws://192.0.2.1'],
    ['2001:db8::1', 'ws://[2001:db8::1]'],
    ['ws://[2001:db8::1]:7', 'ws://[2001:db8::1]:7'],
  ])('remoteEndpoint returns %s', async (told, endpoint) => {
    await listen(
      { server: http, path: '/chat' },
      { remoteEndpoint: ({ headers }) => String(headers['x-real-ip']) },
    )
    expect(await asked('/chat', [`X-Real-IP: ${told}`])).toBe('101')
    expect(accepted).toEqual([endpoint])
  })
})

test('a message may arrive in fragments, as browsers and proxies send them', async () => {
  const got: number[] = []
  const listener = await ws({ server: http, path: '/' }).listen({
    accepted: (channel) => {
      if ('receiveBytesMax' in channel) channel.start({ frame: ({ length }) => void got.push(length) })
    },
    acceptFailed: () => undefined,
  })
  listeners.push(listener)
  const client = new WebSocket(listener.url, ['frameport.1'])
  await once(client, 'open')
  const part = Buffer.alloc(16 * 1024)
  for (let sent = 1; sent <= 64; sent++) client.send(part, { fin: sent === 64 })
  await until(() => got.length === 1)
  expect(got).toEqual([1024 * 1024])
  client.terminate()
})
