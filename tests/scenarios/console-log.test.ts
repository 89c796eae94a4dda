import { connect } from 'node:net'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement, type ServerOptions } from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { recordingLog } from './setup.ts'

const shop = contract('shop', {
  version: 1,
  procedures: {
    add: procedure({ input: z.number(), output: z.number() }),
    any: procedure({ output: z.any() }),
  },
})

function strangeError(): Error {
  return Object.defineProperty(new Error('strange'), 'stack', {
    get() {
      throw new Error('no stack')
    },
  })
}

function ownCause(): Error {
  const error = new Error('round')
  error.cause = error
  return error
}

const implementation = implement(shop).handlers({
  add({ input }) {
    if (input === 1)
      throw new Error('first line\n[frameport] error: forged\u001b[31m', { cause: new Error('why') })
    if (input === 2) return 'two' as never
    if (input === 3) throw strangeError()
    if (input === 4) throw { no: 'error' }
    if (input === 5)
      throw new AggregateError([new Error('one is down'), new Error('two is down')], 'all are down')
    if (input === 6) throw ownCause()
    return input
  },
  any: () => 1n,
})

let lines: [level: string, text: string][] = []
beforeEach(() => {
  lines = []
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...args) => void lines.push([level, args.join(' ')]))
  }
})
afterEach(() => vi.restoreAllMocks())

async function withClient(
  options: ServerOptions<object>,
  run: (client: ReturnType<typeof createClient<typeof shop>>) => Promise<unknown>,
) {
  const server = createServer(implementation, options)
  const { a, b } = createMemoryPair()
  server.accept(b)
  const client = createClient(shop, a)
  await run(client).catch(() => undefined)
  await client.$close()
  await server.close()
}

describe('a server without a logger', () => {
  test('writes nothing on the console without problems', async () => {
    await withClient({}, (client) => client.add(7))
    expect(lines).toEqual([])
  })

  test('writes what a handler threw as one line, and its stack below it, indented', async () => {
    await withClient({}, (client) => client.add(1))
    const [[level, text] = ['', '']] = lines
    expect([lines.length, level]).toEqual([1, 'error'])
    const [head, ...stack] = text.split('\n')
    expect(head).toBe(
      '[frameport] error: a handler failed connection=c1 call=1 procedure=shop@1/add code=INTERNAL',
    )
    expect(stack.every((line) => line.startsWith('    '))).toBe(true)
    expect(stack[0]).toBe('    Error: first line')
    expect(text).toContain('\n    [frameport] error: forged\ufffd[31m')
    expect(text).toContain('console-log.test.ts')
    expect(text).toContain('\n    caused by Error: why')
  })

  test.each([
    [
      'an output that does not match its schema',
      (client: { add(n: number): Promise<unknown> }) => client.add(2),
      'INVALID_OUTPUT',
    ],
    ['an answer that cannot be sent', (client: { any(): Promise<unknown> }) => client.any(), 'bigint'],
    [
      'an error that cannot be read',
      (client: { add(n: number): Promise<unknown> }) => client.add(3),
      'cannot be shown',
    ],
    [
      'a thrown value that is not an error',
      (client: { add(n: number): Promise<unknown> }) => client.add(4),
      'an object with no$',
    ],
  ])('writes %s', async (_, call, text) => {
    await withClient({}, call as never)
    expect(lines).toEqual([['error', expect.stringMatching(new RegExp(text, 'i'))]])
  })

  test('writes the errors of an aggregate, and a circular cause once', async () => {
    await withClient({}, (client) => client.add(5))
    await withClient({}, (client) => client.add(6))
    const [aggregate = '', circle = ''] = lines.map(([, text]) => text)
    expect(aggregate).toContain('\n    AggregateError: all are down\n')
    expect(aggregate).toContain('\n    one of them: Error: one is down\n')
    expect(aggregate).toContain('\n    one of them: Error: two is down\n')
    expect(circle.match(/Error: round/g)).toHaveLength(1)
  })

  test('writes one line for an HTTP request, which names the likely protocol', async () => {
    const server = createServer(implementation, { backend: 'net' })
    const { endpoint } = await server.listen('tcp://127.0.0.1:0')
    const { port } = endpoint as { readonly port: number }
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'))
    await new Promise((resolve) => socket.resume().on('close', resolve))
    await server.close()
    expect(lines).toEqual([
      ['warn', expect.stringMatching(/^\[frameport\] warn: connection closed: [^\n]* likelyProtocol=http$/)],
    ])
  })

  test('writes one line for a warning with an error', async () => {
    const server = createServer(implementation, { limits: { connectionsMax: 1 } })
    const acceptor = {
      url: 'pipe:x',
      async listen({ acceptFailed }: { acceptFailed(error: unknown): void }) {
        acceptFailed(Object.assign(new Error('too many\nfiles'), { code: 'EMFILE' }))
        return { url: 'pipe:x', close: async () => undefined }
      },
    }
    await server.listen(acceptor)
    await server.close()
    expect(lines).toEqual([
      [
        'warn',
        '[frameport] warn: accepting a connection failed and will be retried url=pipe:x err="Error: EMFILE: too many files"',
      ],
    ])
  })
})

describe('The option log', () => {
  test('as false silences a server', async () => {
    await withClient({ log: false }, (client) => client.add(1))
    expect(lines).toEqual([])
  })

  test('as a logger receives everything, and the console nothing', async () => {
    const { log, lines: logged } = recordingLog()
    await withClient({ log }, (client) => client.add(1))
    expect(lines).toEqual([])
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([
      { text: 'a handler failed', facts: { err: { message: expect.stringContaining('first line') } } },
    ])
  })
})
