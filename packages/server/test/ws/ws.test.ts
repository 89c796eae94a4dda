import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { isFrameChannel } from '@frameport/framing'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { AcceptedFrom, Acceptor, AcceptorListener } from '../../src/index.ts'
import { ws } from '../../src/ws.ts'

const opened: AcceptorListener[] = []
const https: HttpServer[] = []
const sockets: WebSocket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await Promise.all(opened.splice(0).map((listener) => listener.close()))
  for (const http of https.splice(0)) {
    http.closeAllConnections()
    if (http.listening) await new Promise((resolve) => http.close(resolve))
  }
})

async function listening(acceptor: Acceptor) {
  const accepted: (AcceptedFrom | undefined)[] = []
  const listener = await acceptor.listen({
    accepted(connection, from) {
      expect(isFrameChannel(connection)).toBe(true)
      accepted.push(from)
    },
    acceptFailed: () => undefined,
  })
  opened.push(listener)
  return { url: listener.url, accepted, listener }
}

async function httpServer(
  handler = (_: IncomingMessage, response: { end(text: string): unknown }) => void response.end('a page'),
) {
  const http = createHttpServer(handler)
  https.push(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return http
}

/** Returns the result of an attempt to connect: `open`, or the status of the response. */
async function attempt(
  url: string,
  { origin, protocols = ['frameport.1'] }: { origin?: string; protocols?: string[] } = {},
) {
  const socket = new WebSocket(url, protocols, origin === undefined ? {} : { headers: { origin } })
  sockets.push(socket)
  return new Promise<string>((resolve) => {
    socket.on('open', () => resolve(`open ${socket.protocol}${socket.extensions}`))
    socket.on('unexpected-response', (_, { statusCode }) => resolve(String(statusCode)))
    socket.on('error', (error) => resolve(error.message))
  })
}

describe('An HTTP server of the listener', () => {
  test('accepts WebSockets that use the subprotocol of Frameport, without compression, and reports where they come from', async () => {
    const { url, accepted } = await listening(ws('ws://127.0.0.1:0/chat'))
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/chat$/)
    expect(await attempt(url)).toBe('open frameport.1')
    expect(accepted).toEqual([{ remoteEndpoint: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/) }])
  })

  test.each([
    ['another path', '/other', {}, '404'],
    ['another subprotocol', '/chat', { protocols: ['mqtt'] }, '400'],
    ['a page of another host', '/chat', { origin: 'https://evil.example' }, '403'],
    ['a sandboxed page', '/chat', { origin: 'null' }, '403'],
    ['a query', '/chat?token=1', {}, 'open frameport.1'],
  ])('answers %s', async (_, path, options, outcome) => {
    const { url, accepted } = await listening(ws('ws://127.0.0.1:0/chat'))
    expect(await attempt(url.replace('/chat', path), options)).toBe(outcome)
    expect(accepted.length).toBe(outcome.startsWith('open') ? 1 : 0)
  })

  test('answers other requests with 426, and closes with its listener', async () => {
    const { url, listener } = await listening(ws('ws://127.0.0.1:0/chat'))
    const http = url.replace('ws:', 'http:')
    expect((await fetch(http)).status).toBe(426)
    await listener.close()
    await expect(fetch(http)).rejects.toThrow()
  })
})

describe('The check of the origin', () => {
  test.each([
    [undefined, (host: string) => `http://${host}`, true],
    ['any', () => 'https://evil.example', true],
    [['https://good.example'], () => 'https://good.example', true],
    [['https://good.example'], () => 'https://good.example.evil.example', false],
    [['https://good.example'], (host: string) => `http://${host}`, false],
    [(origin: string) => origin.endsWith('.example'), () => 'https://any.example', true],
    [() => false, () => 'https://any.example', false],
  ] as const)('%j', async (origins, originOf, isAllowed) => {
    const { url } = await listening(ws('ws://127.0.0.1:0/', { origins }))
    expect(await attempt(url, { origin: originOf(new URL(url).host) })).toBe(
      isAllowed ? 'open frameport.1' : '403',
    )
  })
})

describe('An HTTP server that is passed to ws()', () => {
  test('keeps its pages and its other WebSockets, and stays open after the listener', async () => {
    const http = await httpServer()
    const { url, listener } = await listening(ws({ server: http, path: '/chat' }))
    const others: string[] = []
    http.on('upgrade', (request, socket) => {
      if (request.url === '/chat') return
      others.push(String(request.url))
      socket.end('HTTP/1.1 418 Teapot\r\n\r\n')
    })
    expect(await attempt(url)).toBe('open frameport.1')
    expect(await attempt(url.replace('/chat', '/other'))).toBe('418')
    expect(others).toEqual(['/other'])
    expect(await (await fetch(url.replace('ws:', 'http:'))).text()).toBe('a page')
    await listener.close()
    expect(await (await fetch(url.replace('ws:', 'http:'))).text()).toBe('a page')
    expect(http.listenerCount('upgrade')).toBe(1)
  })
})

test('the remote endpoint can be read from a header of a proxy', async () => {
  const { url, accepted } = await listening(
    ws('ws://127.0.0.1:0/', { remoteEndpoint: ({ headers }) => `ws://${headers['x-real-ip'] ?? 'unknown'}` }),
  )
  await attempt(url)
  expect(accepted).toEqual([{ remoteEndpoint: 'ws://unknown' }])
})

describe('ws() refuses', () => {
  test.each([
    ['wss://127.0.0.1:0', {}, /create a server with node:https/],
    ['http://127.0.0.1:0', {}, /is not a URL such as ws:/],
    ['nonsense', {}, /is not a URL such as ws:/],
    ['ws://127.0.0.1:0', { origins: 'same' }, /origins is "same"/],
    ['ws://127.0.0.1:0', { origins: ['good.example'] }, /origins has "good.example", not an origin/],
    ['ws://127.0.0.1:0', { origins: ['https://good.example/'] }, /not an origin/],
    ['ws://127.0.0.1:0', { messageBytesMax: 0 }, /messageBytesMax is 0/],
    ['ws://127.0.0.1:0', { origin: 'any' }, /origins/],
    [{ server: {} }, {}, /server/],
    [{ path: '/' }, {}, /server is missing/],
  ])('%j with %j', (place, options, text) => {
    expect(() => ws(place as never, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(text) }),
    )
  })

  test('a path without a slash', async () => {
    const server = await httpServer()
    expect(() => ws({ server, path: 'chat' })).toThrow(/path is "chat", not a path such as \/chat/)
  })
})
