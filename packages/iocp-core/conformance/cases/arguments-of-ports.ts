import assert from 'node:assert/strict'
import {
  type CompletionPort,
  type Connection,
  createCompletionPort,
  type Endpoint,
  IocpError,
} from '../../src/index.ts'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { text } from '../support/bytes.ts'
import { assertCode, assertNone } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { Neighbours } from '../support/neighbours.ts'
import { pair } from '../support/pair.ts'
import { Recorder } from '../support/recorder.ts'
import { type Value, wrongValues } from '../support/values.ts'

const url = 'tcp://127.0.0.1:0'

/** What an option of each type takes; everything else is wrong for it. */
const takes: Readonly<Record<string, readonly string[]>> = {
  boolean: ['undefined', 'true', 'false'],
  count: ['undefined'],
  countFromZero: ['undefined', '0'],
  function: ['undefined', 'a function', 'a class'],
  signal: ['undefined'],
  options: ['undefined', 'a plain object', 'an object without a prototype', 'an iterable'],
}

const ofSockets = { noDelay: 'boolean', keepAliveIdleMs: 'count', resetOnClose: 'boolean' }
const ofListen = {
  ...ofSockets,
  backlog: 'count',
  reusePort: 'boolean',
  ipv6Only: 'boolean',
  connectionsMax: 'count',
  onAcceptError: 'function',
}
const ofConnect = { ...ofSockets, timeoutMs: 'count', signal: 'signal' }
const ofPorts = {
  sendQueueHighBytes: 'count',
  sendQueueLowBytes: 'countFromZero',
  notSentLowBytes: 'countFromZero',
  receiveBufferBytes: 'count',
  workers: 'count',
  poisonLentBytes: 'boolean',
}

/** One call with one thing wrong, and how it is to be refused. */
interface Cell {
  readonly name: string
  readonly call: (port: CompletionPort) => unknown
}

function wrongFor(type: string): readonly Value[] {
  return wrongValues.filter(({ name }) => !takes[type]?.includes(name))
}

function cellsOf(
  what: string,
  types: Readonly<Record<string, string>>,
  call: (port: CompletionPort, options: never) => unknown,
): Cell[] {
  const ofOptions = Object.entries(types).flatMap(([option, type]) =>
    wrongFor(type).map(({ name, make }) => ({
      name: `${what} with ${option} ${name}`,
      call: (port: CompletionPort) => call(port, { [option]: make() } as never),
    })),
  )
  const ofAll = wrongFor('options').map(({ name, make }) => ({
    name: `${what} with options ${name}`,
    call: (port: CompletionPort) => call(port, make() as never),
  }))
  return [...ofOptions, ...ofAll]
}

const tcp = { kind: 'tcp', host: '127.0.0.1', port: 0 }

/** Endpoints with one field wrong. A text is a host and a path, and 0 is a port. */
function wrongEndpoints(): readonly Value[] {
  const fields = (base: object, field: string, right: readonly string[]) =>
    wrongValues
      .filter(({ name }) => !right.includes(name))
      .map(({ name, make }) => ({
        name: `an endpoint with ${field} ${name}`,
        make: () => ({ ...base, [field]: make() }),
      }))
  return [
    ...wrongValues,
    ...fields(tcp, 'kind', []),
    ...fields(tcp, 'host', ['a string']),
    ...fields(tcp, 'port', ['0']),
    ...fields({ kind: 'unix' }, 'path', ['a string']),
  ]
}

/** Makes every call beside two connections, which afterwards have got their own bytes and no others. */
async function refuseAll(context: ConformanceContext, code: string, cells: readonly Cell[]): Promise<void> {
  const port = context.openPort()
  const neighbours = await Neighbours.two(port)
  const before = port.counters
  const faults: string[] = []
  for (const { name, call } of cells) {
    neighbours.sendAll(3)
    const answer = await answerTo(() => call(port))
    if (answer !== code) faults.push(`${name}: ${answer}`)
  }
  await neighbours.allArrived(context)
  assertNone(faults)
  assert.deepEqual({ ...port.counters, buffersInUse: 0 }, { ...before, buffersInUse: 0 })
  await neighbours.end(context)
}

async function answerTo(call: () => unknown): Promise<string> {
  try {
    await call()
    return 'accepted'
  } catch (error) {
    return IocpError.is(error) ? error.code : `throws ${error}`
  }
}

/** Options that count how often each is read, and say something wrong the second time. */
function readOnce(values: object): { readonly options: never; readonly reads: Map<string, number> } {
  const reads = new Map<string, number>()
  const options = {}
  for (const [name, value] of Object.entries(values)) {
    const get = () => {
      reads.set(name, (reads.get(name) ?? 0) + 1)
      return reads.get(name) === 1 ? value : { no: 'more' }
    }
    Object.defineProperty(options, name, { get, enumerable: true })
  }
  return { options: options as never, reads }
}

export const portArgumentCases: readonly ConformanceCase[] = [
  {
    name: 'listen and connect refuse a value that is not an endpoint, and keep nothing',
    timeoutMs: 60_000,
    run: (context) =>
      refuseAll(
        context,
        'INVALID_ENDPOINT',
        wrongEndpoints().flatMap(({ name, make }) => [
          { name: `listen at ${name}`, call: (port) => port.listen(make() as Endpoint, () => undefined) },
          { name: `connect to ${name}`, call: (port) => port.connect(make() as Endpoint) },
        ]),
      ),
  },
  {
    name: 'listen refuses an onConnection that is not a function, and options of a wrong type or name',
    timeoutMs: 60_000,
    run: (context) =>
      refuseAll(context, 'INVALID_ARGUMENT', [
        ...wrongValues
          .filter(({ name }) => !['a function', 'a class'].includes(name))
          .map(({ name, make }) => ({
            name: `listen with onConnection ${name}`,
            call: (port: CompletionPort) => port.listen(url, make() as never),
          })),
        ...cellsOf('listen', ofListen, (port, options) => port.listen(url, () => undefined, options)),
      ]),
  },
  {
    name: 'connect refuses options of a wrong type or name',
    timeoutMs: 60_000,
    run: (context) =>
      refuseAll(
        context,
        'INVALID_ARGUMENT',
        cellsOf('connect', ofConnect, (port, options) => port.connect('tcp://127.0.0.1:9', options)),
      ),
  },
  {
    name: 'createCompletionPort refuses options of a wrong type or name',
    timeoutMs: 60_000,
    run: (context) =>
      refuseAll(context, 'INVALID_ARGUMENT', [
        ...cellsOf('createCompletionPort', ofPorts, (_, options) =>
          createCompletionPort({ backend: context.backend, ...(options as object) }),
        ).filter(({ name }) => !name.startsWith('createCompletionPort with options')),
        ...cellsOf('createCompletionPort', {}, (_, options) => createCompletionPort(options)),
        ...wrongFor('signal').map(({ name, make }) => ({
          name: `createCompletionPort with backend ${name}`,
          call: () => createCompletionPort({ backend: make() as never }),
        })),
      ]),
  },
  {
    name: 'start refuses a sink without its four functions, and the connection can be started afterwards',
    async run(context) {
      const port = context.openPort()
      const { client, server } = await pair(port)
      const none = () => undefined
      const whole = { data: none, end: none, drain: none, close: none }
      const wrong = [
        ...wrongValues.map(({ name, make }) => [name, make()] as const),
        ...Object.keys(whole).map((name) => [`without ${name}`, { ...whole, [name]: undefined }] as const),
        ...Object.keys(whole).map((name) => [`${name} a text`, { ...whole, [name]: 'x' }] as const),
      ]
      for (const [name, sink] of wrong) {
        const isRefused = (error: unknown) => assertCode(error, 'INVALID_ARGUMENT') !== undefined
        assert.throws(() => server.start(sink as never), isRefused, name)
      }
      const received = new Recorder()
      server.start(received)
      client.start(new Recorder())
      client.send(text('heard'))
      await received.untilBytes(context.signal, 5)
      client.abort()
      await received.untilClose(context.signal)
    },
  },
  {
    name: 'an unknown option is refused by the name that was meant',
    async run(context) {
      const port = context.openPort()
      const refused = async (call: () => unknown, says: RegExp) => {
        await assert.rejects(
          async () => call(),
          (error) => {
            assert.ok(IocpError.is(error) && error.code === 'INVALID_ARGUMENT', String(error))
            assert.match(error.message, says)
            return true
          },
        )
      }
      const listen = (options: object) => port.listen(url, () => undefined, options)
      await refused(() => listen({ nodelay: true }), /listen has no option 'nodelay'.*meant noDelay\./)
      await refused(() => listen({ backlogs: undefined }), /meant backlog\./)
      await refused(() => port.connect(url, { timeoutMS: 5 } as object), /meant timeoutMs\./)
      await refused(
        () => port.connect(url, { reusePort: true } as object),
        /The options are: noDelay, .*signal\./,
      )
      await refused(
        () => createCompletionPort({ sendQueueHigh: 5 } as object),
        /createCompletionPort has no option 'sendQueueHigh'/,
      )
    },
  },
  {
    name: 'options and endpoints are read once, and may be those of another object',
    async run(context) {
      const port = context.openPort()
      const endpoint = readOnce(tcp)
      const socket = { noDelay: false, keepAliveIdleMs: 1000, resetOnClose: false }
      const listening = readOnce({ ...socket, backlog: 5, ipv6Only: false, connectionsMax: 5 })
      const peers: Connection[] = []
      const listener = await port.listen(endpoint.options, (peer) => peers.push(peer), listening.options)
      const connecting = readOnce({ ...socket, timeoutMs: 5000, signal: context.signal })
      const client = await port.connect(readOnce(listener.endpoint).options, connecting.options)
      // Defaults of a program often stand in a prototype.
      const inherited = await port.connect(listener.endpoint, Object.create({ noDelay: true }))
      await eventually(
        context.signal,
        () => peers.length === 2,
        () => 'both are accepted',
      )
      for (const connection of [client, inherited, ...peers]) connection.abort()
      for (const { reads } of [endpoint, listening, connecting]) {
        for (const [name, count] of reads) assert.equal(count, 1, `${name} is read ${count} times`)
      }
      assert.equal(listening.reads.size, 6)
    },
  },
]
