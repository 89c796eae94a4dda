import { describe, expect, it } from 'vitest'
import type { Acceptor } from '../../src/acceptor.ts'
import { resolveAcceptor } from '../../src/resolve-acceptor.ts'
import type { ServerTransport } from '../../src/server-transport.ts'

const listen = async () => ({ url: 'x', close: async () => undefined })

function transports() {
  const asked: unknown[] = []
  const transport = (name: string, schemes: string[], optionNames: string[]): ServerTransport => ({
    schemes,
    optionNames,
    acceptor(target, options) {
      asked.push([name, target, options])
      if (target === `${schemes[0]}://wrong`) throw new Error('a wrong port')
      if (typeof target !== 'string' || !schemes.includes(target.split(':')[0] ?? ''))
        throw new Error('no address')
      return { url: target, listen }
    },
    close: async () => undefined,
  })
  const all = [
    transport('first', ['tcp', 'unix'], ['backlog']),
    transport('second', ['pipe'], ['mode']),
  ] as const
  return { asked, resolve: (target: unknown, options: object = {}) => resolveAcceptor(target, options, all) }
}

describe('The target of listen', () => {
  it('is resolved by the transport of its scheme, with the options of that transport', () => {
    const { asked, resolve } = transports()
    expect(resolve('tcp://a:1', { backlog: 5 }).url).toBe('tcp://a:1')
    expect(resolve('pipe://b', { mode: 1 }).url).toBe('pipe://b')
    expect(asked).toEqual([
      ['first', 'tcp://a:1', { backlog: 5 }],
      ['second', 'pipe://b', { mode: 1 }],
    ])
  })

  it.each<[string, unknown, object]>([
    ['a transport', 'tcp://a:1', { mode: 1 }],
    ['another transport', 'pipe://b', { backlog: 5 }],
    ['an acceptor', { url: 'x', listen }, { backlog: 5 }],
  ])('is refused with an option that is not one of %s', (_, target, options) => {
    const { asked, resolve } = transports()
    expect(() => resolve(target, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('options has no') }),
    )
    expect(asked).toEqual([])
  })

  it('may be an acceptor, which is returned as it is', () => {
    const { asked, resolve } = transports()
    const acceptors: Acceptor[] = [
      { url: 'x', listen },
      { url: 'y', listen, release: () => undefined },
    ]
    for (const acceptor of acceptors) expect(resolve(acceptor)).toBe(acceptor)
    expect(asked).toEqual([])
  })

  it.each(['tcp://wrong', 'pipe://wrong'])('%s is refused by the transport of its scheme alone', (target) => {
    const { resolve } = transports()
    expect(() => resolve(target)).toThrow(/^a wrong port$/)
  })

  it.each(['ws://host', 'WS://host', 'quic+x://host'])(
    '%s is refused with the supported schemes and the cause',
    (target) => {
      const { resolve } = transports()
      expect(() => resolve(target)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          message: expect.stringContaining('no address This server supports tcp and unix and pipe'),
          cause: expect.objectContaining({ message: 'no address' }),
        }),
      )
    },
  )

  it.each<[string, unknown]>([
    ['an address without a scheme', 'host:80'],
    ['a scheme without //', 'ws:host'],
    ['an empty text', ''],
    ['an object with a kind', { kind: 'ws' }],
    ['an endpoint with a url', { kind: 'tcp', url: 'x' }],
    ['an empty object', {}],
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a function with listen', Object.assign(() => undefined, { listen, url: 'x' })],
  ])('is passed to the first transport if it is %s, so that its message says what is wrong', (_, target) => {
    const { asked, resolve } = transports()
    expect(() => resolve(target)).toThrow(/^no address$/)
    expect(asked).toEqual([['first', target, {}]])
  })

  it('is passed to the first transport if it cannot be inspected', () => {
    const { asked, resolve } = transports()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(() => resolve(proxy)).toThrow(/^no address$/)
    expect(asked.length).toBe(1)
  })

  it.each<[string, object, string]>([
    ['only listen', { listen }, 'url of the acceptor is undefined, not a string'],
    ['only url', { url: 'x' }, 'the acceptor is an object without the methods listen, not an Acceptor'],
    ['only connect', { connect: listen }, 'a Connector, which is for a client)'],
    ['only release', { release: listen }, 'without the methods listen, not an Acceptor'],
    ['a number as release', { url: 'x', listen, release: 5 }, 'release of the acceptor is 5, not a function'],
  ])('is refused if it is an object that has %s', (_, target, text) => {
    const { resolve } = transports()
    expect(() => resolve(target)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
  })

  it('is not called a connector if it has no connect', () => {
    const { resolve } = transports()
    expect(() => resolve({ listen })).toThrow(/not a string\.$/)
  })
})
