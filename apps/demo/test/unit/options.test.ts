import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { readWhole, urlOf } from '../../src/options.ts'
import { announcement } from '../../src/server/announce.ts'
import { readServerOptions } from '../../src/server/options.ts'
import { readChatOptions } from '../../src/terminal/options.ts'

const argv = (...args: string[]) => ['node', 'main.ts', ...args]

describe('options', () => {
  test('have defaults: this machine, port 5500, the lobby', () => {
    expect(readChatOptions(argv('--name', 'guest'))).toEqual({
      name: 'guest',
      room: 'lobby',
      saveTo: '.',
      reconnectFor: 300,
      host: '127.0.0.1',
      port: 5500,
    })
    expect(readServerOptions(argv())).toEqual({ host: '127.0.0.1', port: 5500, membersMax: 100 })
  })

  test('name further servers of the same chat', () => {
    const { also } = readChatOptions(
      argv('--name', 'x', '--also', 'two.example:5501', '[::1]:5502', '--also', '192.0.2.7:5500'),
    )
    expect(also).toEqual(['tcp://two.example:5501', 'tcp://[::1]:5502', 'tcp://192.0.2.7:5500'])
    expect(readServerOptions(argv('--nats', 'localhost:4222', '--peer-host', '192.0.2.7'))).toMatchObject({
      nats: 'localhost:4222',
      peerHost: '192.0.2.7',
    })
  })

  test('are read', () => {
    const where = ['--host', '::1', '--port', '6000', '--backend', 'net']
    expect(readServerOptions(argv(...where, '--members-max', '2', '--label', ' left rack'))).toEqual({
      host: '::1',
      label: 'left rack',
      port: 6000,
      backend: 'net',
      membersMax: 2,
    })
    expect(
      readChatOptions(
        argv(
          '--name',
          'x',
          '--room',
          'dev',
          '--script',
          'f',
          '--save-to',
          'in',
          '--reconnect-for',
          '0',
          ...where,
        ),
      ),
    ).toEqual({
      name: 'x',
      room: 'dev',
      saveTo: 'in',
      reconnectFor: 0,
      script: 'f',
      host: '::1',
      port: 6000,
      backend: 'net',
    })
  })

  test('say how many workers there are', () => {
    expect(readServerOptions(argv('--workers', '4'))).toMatchObject({ workers: 4 })
  })

  test.each(['', '-1', '65536', '1.5', '0x10', '1e3', 'http', ' 1', '99999999999'])(
    '%j is no port',
    (text) => {
      expect(() => readWhole(text, 0, 65_535)).toThrow(InvalidArgumentError)
    },
  )

  test('a host and a port make a URL', () => {
    expect(urlOf({ host: '127.0.0.1', port: 1 })).toBe('tcp://127.0.0.1:1')
    expect(urlOf({ host: '::1', port: 1 })).toBe('tcp://[::1]:1')
  })
})

describe('what a server says of itself', () => {
  const listening = { url: 'tcp://127.0.0.1:5500', host: '127.0.0.1', port: 5500, backend: 'epoll' }

  test('is where it listens and how to join, no more on this machine only', () => {
    expect(announcement(listening)).toEqual([
      'Frameport chat listening on tcp://127.0.0.1:5500 (backend epoll)',
      'Join with: npm run chat -- --name guest',
    ])
  })

  test('is how many workers there are, and who has the page', () => {
    const saidOf = (count: number, alone?: string, pageUrl?: string) =>
      announcement({ ...listening, pageUrl, threads: { count, asked: 4, alone } }).at(-1)
    expect(saidOf(4)).toBe('4 workers share the port.')
    expect(saidOf(4, undefined, 'http://127.0.0.1:5580/')).toBe(
      '4 workers share the port. The first of them alone serves the page, since WebSockets cannot share a port.',
    )
    expect(saidOf(1, 'This back end cannot.')).toBe(
      'One worker serves in place of 4, since they cannot share the port. This back end cannot.',
    )
  })

  test('names host and port where they are not the usual ones, and warns when others can come in', () => {
    const rows = announcement({ ...listening, host: '192.0.2.7', port: 6000 })
    expect(rows[1]).toBe('Join with: npm run chat -- --name guest --host 192.0.2.7 --port 6000')
    expect(rows.at(-1)).toContain('no password, no encryption')
    expect(announcement({ ...listening, host: '0.0.0.0' })[1]).toBe('Join with: npm run chat -- --name guest')
  })
})
