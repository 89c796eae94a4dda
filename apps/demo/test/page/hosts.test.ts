import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { memoryEventLog } from '@frameport/server'
import { ws } from '@frameport/server/ws'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { ownHosts } from '../../src/server/page/host-names.ts'
import { type PageServer, servePage } from '../../src/server/page/page-server.ts'
import { createChatServer } from '../../src/server/start-server.ts'

/** A name that the DNS of an attacker resolves to this machine. */
const rebound = 'evil.example'

describe('A page server that is requested under a foreign name', () => {
  let page: PageServer
  let port: number
  let end: () => Promise<void>

  beforeEach(async () => {
    page = await servePage('127.0.0.1', 0)
    port = Number(new URL(page.url).port)
    const { server, service } = createChatServer(
      { membersMax: limits.roomMembersMax, backend: 'net', log: memoryEventLog() },
      pino({ level: 'silent' }),
    )
    await server.listen(ws({ server: page.http, path: '/frameport' }, { origins: page.origins }))
    end = async () => {
      service.close()
      await server.close({ graceMs: 0 })
      await page.close()
    }
  })
  afterEach(() => end())

  const statusOf = async (path: string, headers: Record<string, string>) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false })
    asked.end()
    const answered = await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])
    const response = answered[0] as IncomingMessage
    response.resume()
    response.destroy()
    return response.statusCode
  }
  const upgrade = (host: string, origin: string) =>
    statusOf('/frameport', {
      Host: host,
      Origin: origin,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'frameport.1',
    })

  test('serves nothing of the page', async () => {
    for (const path of ['/', '/page.js', '/nothing']) {
      expect(await statusOf(path, { Host: `${rebound}:${port}` })).toBe(421)
      expect(await statusOf(path, { Host: `localhost:${port}` })).toBe(path === '/nothing' ? 404 : 200)
    }
  })

  test('opens no WebSocket, even if the page has the same name', async () => {
    const host = `${rebound}:${port}`
    expect(await upgrade(host, `http://${host}`)).toBe(403)
    const own = `127.0.0.1:${port}`
    expect(await upgrade(own, `http://${host}`)).toBe(403)
    expect(await upgrade(own, 'null')).toBe(403)
    expect(await upgrade(own, `http://${own}`)).toBe(101)
  })
})

test.each([
  ['127.0.0.1', 'localhost', true],
  ['127.0.0.1', 'LocalHost:5580', true],
  ['127.0.0.1', '127.0.0.1:5580', true],
  ['127.0.0.1', '[::1]:5580', true],
  ['127.0.0.1', '192.0.2.7:5580', false],
  ['127.0.0.1', 'evil.example', false],
  ['127.0.0.1', 'localhost.evil.example:5580', false],
  ['127.0.0.1', 'evil.example@localhost', false],
  ['127.0.0.1', '', false],
  ['127.0.0.1', undefined, false],
  ['192.0.2.7', '192.0.2.7:5580', true],
  ['Box.local', 'box.local:5580', true],
  ['2001:DB8:0::7', '[2001:db8::7]:5580', true],
  ['0.0.0.0', '192.0.2.7:5580', true],
  ['::', '[2001:db8::7]:5580', true],
  ['0.0.0.0', 'evil.example:5580', false],
  ['0.0.0.0', '192.0.2.7.evil.example', false],
])('a server that listens at %s is at %s: %s', (listenHost, host, isOwn) => {
  expect(ownHosts(listenHost)(host)).toBe(isOwn)
})
