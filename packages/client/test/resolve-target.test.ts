import { describe, expect, it } from 'vitest'
import type { ClientTransport } from '../src/client-transport.ts'
import type { Connector } from '../src/connector.ts'
import { resolveTarget } from '../src/resolve-target.ts'

const connect = () => new Promise<never>(() => undefined)
const members = ['start', 'send', 'drained', 'pause', 'resume', 'end', 'abort']
const stream = Object.fromEntries(members.map((name) => [name, () => undefined]))

function transports() {
  const asked: unknown[] = []
  const transport = (name: string, schemes: string[]): ClientTransport => ({
    schemes,
    optionNames: [],
    checkOptions: () => undefined,
    connector(target, options) {
      asked.push([name, target, options])
      const scheme = typeof target === 'string' ? target.split(':')[0] : (target as { kind: string }).kind
      if (!schemes.includes(scheme ?? '')) throw new Error('no address')
      return { url: `${name}:`, connect }
    },
  })
  const all = [transport('first', ['tcp', 'unix']), transport('second', ['pipe'])]
  return { asked, resolve: (target: unknown, known = all) => resolveTarget(target, known, { a: 1 }) }
}
const refused = (text: string) =>
  expect.objectContaining({ code: 'INVALID_TARGET', message: expect.stringContaining(text) })

describe('the target of a client', () => {
  it('is resolved by the transport of an address, with the options of the client', () => {
    const { asked, resolve } = transports()
    for (const target of ['tcp://a:1', 'pipe:b', { kind: 'pipe' }]) {
      expect(resolve(target).connectors?.[0]?.url).toBe(target === 'tcp://a:1' ? 'first:' : 'second:')
    }
    expect(asked).toEqual([
      ['first', 'tcp://a:1', { a: 1 }],
      ['second', 'pipe:b', { a: 1 }],
      ['second', { kind: 'pipe' }, { a: 1 }],
    ])
  })

  it('may be a connection or a connector itself', () => {
    const { asked, resolve } = transports()
    const connectors: Connector[] = [
      { url: 'x', connect },
      { url: 'y', connect, release: () => undefined },
    ]
    for (const connector of connectors) expect(resolve(connector)).toEqual({ connectors: [connector] })
    expect(resolve(stream)).toEqual({ connection: stream })
    expect(asked).toEqual([])
  })

  it.each(['ws://host', 'WS://host', '://host'])(
    'is refused for %s, with the available schemes and the cause',
    (target) => {
      expect(() => transports().resolve(target)).toThrow(
        expect.objectContaining({
          code: 'INVALID_TARGET',
          message: expect.stringContaining('no address This client has the transports tcp, unix, pipe. '),
          cause: expect.objectContaining({ message: 'no address' }),
        }),
      )
    },
  )

  it.each<[string, unknown]>([
    ['an address without a scheme', 'host:80'],
    ['a scheme without //', 'ws:host'],
    ['an empty text', ''],
    ['an endpoint of another kind', { kind: 'ws' }],
  ])('is passed to the first transport for %s, which reports what is wrong', (_, target) => {
    expect(() => transports().resolve(target)).toThrow(/^no address$/)
  })

  it('cannot be an address if there are no transports', () => {
    const { resolve } = transports()
    expect(() => resolve('tcp://a:1', [])).toThrow(refused('"tcp://a:1"'))
    expect(() => resolve({ kind: 'tcp' }, [])).toThrow(refused('an object'))
    expect(resolve({ url: 'x', connect }, []).connectors?.[0]?.url).toBe('x')
  })

  const throwing = (name: string) =>
    Object.defineProperty({}, name, {
      get() {
        throw new Error('no')
      },
    })
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined: '],
    ['null', null, 'null: '],
    ['a number', 5, '5: '],
    ['a function', () => undefined, 'a function'],
    ['an object with a url that is undefined', { url: undefined }, 'an object'],
    [
      'an object with a url only',
      { url: 'x' },
      'the target is an object without the methods connect, not a Connector',
    ],
    ['an object with only one method of streams', { end: connect }, 'the target is an object: '],
    ['an object with only the first method of channels', { start: connect }, 'the target is an object: '],
    ['an object with two methods of streams', { end: connect, abort: connect }, 'not a ByteStream'],
    ['an object whose url throws', throwing('url'), 'an object'],
    ['an object whose connect throws', throwing('connect'), 'an object'],
    ['a promise', Promise.resolve(), 'the target is a promise: await it'],
    ['an acceptor', { listen: connect }, 'the target is an Acceptor, which is for servers'],
    ['an object whose url is not a string', { connect, url: 5 }, 'url of the connector is 5, not a string'],
    [
      'an object whose release throws',
      Object.assign(throwing('release'), { url: 'x', connect }),
      'release of the connector',
    ],
  ])('is refused for %s', (_, target, text) => {
    expect(() => transports().resolve(target)).toThrow(refused(text))
  })
})
