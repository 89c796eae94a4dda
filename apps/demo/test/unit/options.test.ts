import { InvalidArgumentError } from 'commander'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readWhole, urlOf } from '../../src/options.ts'
import { announcement } from '../../src/server/announce.ts'
import { natsAddressOf } from '../../src/server/nats-address.ts'
import { readServerOptions } from '../../src/server/options.ts'
import { peerRows } from '../../src/server/peers/peer-place.ts'
import { defaultWorkerLabel, workerLabel } from '../../src/server/workers/worker-data.ts'
import { readChatOptions } from '../../src/terminal/options.ts'

const argv = (...args: string[]) => ['node', 'main.ts', ...args]

describe('Options', () => {
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

  test('name further servers of the same chat, or NATS and the host for the other servers', () => {
    const { also } = readChatOptions(
      argv('--name', 'x', '--also', 'two.example:5501', '[::1]:5502', '--also', '192.0.2.7:5500'),
    )
    expect(also).toEqual(['tcp://two.example:5501', 'tcp://[::1]:5502', 'tcp://192.0.2.7:5500'])
    expect(readServerOptions(argv('--nats', 'localhost:4222', '--peer-host', '192.0.2.7'))).toMatchObject({
      nats: 'localhost:4222',
      peerHost: '192.0.2.7',
    })
  })

  test('are read from the command line', () => {
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

  test('set the number of workers', () => {
    expect(readServerOptions(argv('--workers', '4'))).toMatchObject({ workers: 4 })
  })

  test.each(['', '-1', '65536', '1.5', '0x10', '1e3', 'http', ' 1', '99999999999'])(
    'do not accept %j as a port',
    (text) => {
      expect(() => readWhole(text, 0, 65_535)).toThrow(InvalidArgumentError)
    },
  )

  test('give a URL from a host and a port', () => {
    expect(urlOf({ host: '127.0.0.1', port: 1 })).toBe('tcp://127.0.0.1:1')
    expect(urlOf({ host: '::1', port: 1 })).toBe('tcp://[::1]:1')
  })
})

describe('Options of a server that contradict each other', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test.each<[readonly string[], string]>([
    [['--peer-host', '192.0.2.7'], "option '--peer-host <host>' needs option '--nats <address>'"],
    [['--peer-port', '7000'], "option '--peer-port <port>' needs option '--nats <address>'"],
    [['--nats', 'localhost', '--data', 'x'], "cannot be used with option '--data <folder>'"],
    [['--no-page', '--page-port', '80'], "'--page-port <port>' cannot be used with option '--no-page'"],
    [['--nats', 'localhost', '--peer-port', '65535', '--workers', '2'], 'leaves too few ports: 2 workers'],
    [['--label', ' '], 'A label must have 1 to 16 printable characters.'],
    [['--label', 'x'.repeat(17)], 'A label must have 1 to 16 printable characters.'],
    [['--data', ''], 'It must be the path of a folder, or :memory:.'],
    [['--nats', 'http://localhost'], 'It must be an address such as 127.0.0.1:4222'],
  ])('%j are refused with an explanation', (options, explanation) => {
    let said = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text)
      return true
    })
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`)
    })
    expect(() => readServerOptions(argv(...options))).toThrow('exit 1')
    expect(said).toContain(explanation)
    expect(said).toContain('All options: npm start -- --help')
  })

  test('are allowed if there is a port for each worker', () => {
    const { peerPort } = readServerOptions(
      argv('--nats', 'localhost', '--peer-port', '65534', '--workers', '2'),
    )
    expect(peerPort).toBe(65_534)
  })
})

describe('The address of a NATS server', () => {
  test.each([
    ['localhost', { server: 'localhost' }],
    ['127.0.0.1:4222', { server: '127.0.0.1:4222' }],
    ['nats://[::1]:4222/', { server: 'nats://[::1]:4222' }],
    ['tls://nats.example', { server: 'tls://nats.example' }],
    ['anna:s%40cret@host:1', { server: 'host:1', credentials: { user: 'anna', pass: 's@cret' } }],
    ['tls://t0ken@host', { server: 'tls://host', credentials: { token: 't0ken' } }],
  ])('is read from %s', (text, address) => {
    expect(natsAddressOf(text)).toEqual(address)
  })

  test.each(['', 'http://host', 'nats://host/path', 'host:port', 'nats://:pass@host', 'a%zz:b@host', 'a b'])(
    'is not read from %j',
    (text) => {
      expect(natsAddressOf(text)).toBeUndefined()
    },
  )
})

describe('The address where other servers get files', () => {
  const local = { host: '127.0.0.1', nats: '127.0.0.1:4222' }

  test('is printed with the port, and only if there are other servers', () => {
    expect(peerRows({ host: '127.0.0.1' }, 7000)).toEqual([])
    expect(peerRows(local, 7000)).toEqual(['Other servers get files from this one at 127.0.0.1, port 7000.'])
    const many = { ...local, workers: 3 }
    expect(peerRows(many)[0]).toContain('at 127.0.0.1, a free port for each worker.')
    expect(peerRows({ ...many, peerPort: 7000 })[0]).toContain('at 127.0.0.1, ports 7000 to 7002.')
  })

  test('comes with a warning if other machines need it and it is only valid on this machine', () => {
    const warning = 'Servers on other machines cannot reach 127.0.0.1'
    for (const nats of ['10.0.0.1:4222', 'nats://anna:x@nats.example', 'tls://[2001:db8::1]:4222'])
      expect(peerRows({ ...local, nats }, 7000).at(-1)).toContain(warning)
    for (const nats of ['localhost', 'nats://[::1]:4222', 'anna:x@127.0.0.1'])
      expect(peerRows({ ...local, nats }, 7000)).toHaveLength(1)
    expect(peerRows({ ...local, nats: '10.0.0.1', peerHost: '10.0.0.2' }, 7000)).toEqual([
      'Other servers get files from this one at 10.0.0.2, port 7000.',
    ])
  })
})

describe('The label of a worker', () => {
  test('begins with the name of the machine if servers of other machines may be in the table', () => {
    expect(defaultWorkerLabel(true, 'rack-7.example.org')).toBe('rack-7')
    expect(defaultWorkerLabel(true, '')).toBe('worker')
    expect(defaultWorkerLabel(false, 'rack-7')).toBe('worker')
  })

  test('ends with its number, and has at most 16 characters', () => {
    expect(workerLabel('rack', 3)).toBe('rack 3')
    expect(workerLabel('a very long name', 12)).toBe('a very long n 12')
  })
})

describe('The announcement of a server', () => {
  const listening = { url: 'tcp://127.0.0.1:5500', host: '127.0.0.1', port: 5500, backend: 'epoll' }

  test('has the address and the command to join, and nothing else on the loopback address', () => {
    expect(announcement(listening)).toEqual([
      'Frameport chat listening on tcp://127.0.0.1:5500 (backend epoll)',
      'Join with: npm run chat -- --name guest',
    ])
  })

  test('says where lines are kept, and where other servers get files', () => {
    const rows = announcement({ ...listening, place: 'in /var/chat', peers: ['Other servers …'] })
    expect(rows.slice(2)).toEqual(['Lines are kept in /var/chat', 'Other servers …'])
  })

  test('says how many workers there are, and which one serves the page', () => {
    const saidOf = (count: number, alone?: string, pageUrl?: string) =>
      announcement({ ...listening, pageUrl, threads: { count, asked: 4, alone } }).at(-1)
    expect(saidOf(4)).toBe('4 workers share the port.')
    expect(saidOf(4, undefined, 'http://127.0.0.1:5580/')).toBe(
      '4 workers share the port. Only the first one serves the page, because WebSockets cannot share a port.',
    )
    expect(saidOf(1, 'This back end cannot.')).toBe(
      'One worker serves instead of 4, because the back end epoll cannot share a port between workers here. This back end cannot.',
    )
  })

  test('names an unusual host and port, and warns when other machines can connect', () => {
    const rows = announcement({ ...listening, host: '192.0.2.7', port: 6000 })
    expect(rows[1]).toBe('Join with: npm run chat -- --name guest --host 192.0.2.7 --port 6000')
    expect(rows.at(-1)).toContain('there is no password and no encryption')
    expect(announcement({ ...listening, host: '0.0.0.0' })[1]).toBe('Join with: npm run chat -- --name guest')
  })
})
