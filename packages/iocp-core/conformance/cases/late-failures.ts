import assert from 'node:assert/strict'
import type { CompletionPort, Connection, ConnectionSink } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { pattern, text } from '../support/bytes.ts'
import { assertCode, collectUncaught } from '../support/errors.ts'
import { eventually } from '../support/eventually.ts'
import { Recorder } from '../support/recorder.ts'

/** The ways in which a callback fails. Each gives an error of its own back, so that none is taken for another. */
const ways: Readonly<Record<string, (error: Error) => unknown>> = {
  throws(error) {
    throw error
  },
  rejects: (error) => Promise.reject(error),
  'rejects later': async (error) => {
    await Promise.resolve()
    throw error
  },
  'is a thenable that rejects': (error) => ({
    // biome-ignore lint/suspicious/noThenProperty: thenables of others are what is tested.
    then: (_resolve: unknown, reject: (error: Error) => void) => reject(error),
  }),
  'is a thenable that throws': (error) => ({
    // biome-ignore lint/suspicious/noThenProperty: thenables of others are what is tested.
    then() {
      throw error
    },
  }),
  'has a getter then that throws': (error) => ({
    // biome-ignore lint/suspicious/noThenProperty: thenables of others are what is tested.
    get then() {
      throw error
    },
  }),
}

const places = ['onConnection', 'data', 'end', 'drain', 'close'] as const

/** A sink whose callbacks do nothing but one, which fails. What it is told at last settles `closed`. */
function failingSink(
  place: string,
  fail: () => unknown,
): ConnectionSink & { readonly closed: Promise<Error | undefined> } {
  let settle: (error: Error | undefined) => void = () => {}
  const closed = new Promise<Error | undefined>((resolve) => {
    settle = resolve
  })
  const callback = (name: string) => () => (name === place ? (fail() as undefined) : undefined)
  return {
    closed,
    data: callback('data'),
    end: callback('end'),
    drain: callback('drain'),
    close(error) {
      settle(error)
      return callback('close')()
    },
  }
}

/** The same, whose failing callback cannot be read any more: `fail` runs where it is read after `start`. */
function unreadableSink(place: string, fail: () => unknown): ReturnType<typeof failingSink> {
  const sink = failingSink('', fail)
  const { close } = sink
  const callbacks: Record<string, unknown> = { ...sink }
  let reads = 0
  Object.defineProperty(callbacks, place, {
    enumerable: true,
    get() {
      reads++
      // The check when it is given.
      if (reads === 1) return sink[place as keyof ConnectionSink]
      if (place === 'close') close()
      return fail()
    },
  })
  return callbacks as unknown as ReturnType<typeof failingSink>
}

/** Makes one connection, has the callback in question called on its accepted side, and returns how that closed. */
async function provoke(
  port: CompletionPort,
  place: string,
  fail: () => unknown,
  makeSink = failingSink,
): Promise<Error | undefined> {
  const sink = makeSink(place, fail)
  let accepted: Connection | undefined
  const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
    accepted = connection
    connection.start(sink)
    if (place === 'drain') connection.send(pattern(8 * 1024 * 1024))
    return place === 'onConnection' ? (fail() as undefined) : undefined
  })
  // A connection that its listener aborts at once may fail to connect.
  const client = await port.connect(listener.endpoint).catch(() => undefined)
  client?.start(new Recorder({}, false))
  if (place === 'data') client?.send(text('bytes'))
  if (place === 'end') client?.end()
  if (place === 'close') client?.abort()
  const error = await sink.closed
  client?.abort()
  accepted?.abort()
  await listener.close()
  return error
}

const lateCases: readonly ConformanceCase[] = places.map((place) => ({
  name: `a ${place} callback that throws, and one whose promise rejects, end the same way`,
  async run({ openPort, signal, cleanUp }) {
    const uncaught = collectUncaught(cleanUp)
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    cleanUp(() => process.off('unhandledRejection', onUnhandled))
    const port = openPort()
    for (const [way, failWith] of Object.entries(ways)) {
      const thrown = new Error(`${place} ${way}`)
      const closedWith = await provoke(port, place, () => failWith(thrown))
      if (place !== 'close') assert.equal(assertCode(closedWith, 'CALLBACK_THREW').cause, thrown)
      await eventually(
        signal,
        () => uncaught.includes(thrown) || unhandled.includes(thrown),
        () => `${place} that ${way} is reported`,
      )
      assert.deepEqual(unhandled, [], `${place} that ${way} is no unhandled rejection`)
    }
    assert.equal(uncaught.length, Object.keys(ways).length, 'each is reported once')
  },
}))

const unreadableCase: ConformanceCase = {
  name: 'a sink whose callback throws when it is read ends as one whose callback throws',
  async run({ openPort, signal, cleanUp }) {
    const uncaught = collectUncaught(cleanUp)
    const port = openPort()
    for (const place of ['data', 'end', 'drain', 'close']) {
      const thrown = new Error(`reading ${place}`)
      const fail = () => {
        throw thrown
      }
      const closedWith = await provoke(port, place, fail, unreadableSink)
      if (place !== 'close') assert.equal(assertCode(closedWith, 'CALLBACK_THREW').cause, thrown)
      await eventually(
        signal,
        () => uncaught.includes(thrown),
        () => `${place} is reported`,
      )
    }
    assert.equal(uncaught.length, 4, 'each is reported once')
  },
}

const endsFirst: Readonly<Record<string, (connection: Connection, error: Error) => void>> = {
  throws(connection, error) {
    connection.end()
    throw error
  },
  aborts(connection, error) {
    connection.end()
    connection.abort(error)
  },
}

const endsFirstCase: ConformanceCase = {
  name: 'an end callback that ends its side, too, and then throws or aborts does not close in order',
  async run({ openPort, cleanUp }) {
    collectUncaught(cleanUp)
    const port = openPort()
    for (const [way, act] of Object.entries(endsFirst)) {
      const error = new Error(way)
      let accepted: Connection | undefined
      const sink = failingSink('end', () => act(accepted!, error))
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        accepted = connection
        connection.start(sink)
      })
      const client = await port.connect(listener.endpoint)
      client.start(new Recorder({}, false))
      client.end()
      const closedWith = await sink.closed
      if (way === 'aborts') assert.equal(closedWith, error)
      else assert.equal(assertCode(closedWith, 'CALLBACK_THREW').cause, error)
      await listener.close()
    }
  },
}

const oddReasonsCase: ConformanceCase = {
  name: 'abort with a value that is not an Error aborts, and close gets an Error with the value as its cause',
  async run({ openPort }) {
    const port = openPort()
    for (const reason of [
      'a text',
      5,
      {},
      Symbol('reason'),
      Proxy.revocable({}, {}).proxy,
      undefined,
      null,
    ]) {
      const sink = failingSink('', () => undefined)
      const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
        connection.start(sink)
        connection.abort(reason as Error)
      })
      const client = await port.connect(listener.endpoint).catch(() => undefined)
      client?.start(new Recorder({}, false))
      const closedWith = await sink.closed
      if (reason === undefined || reason === null) assert.equal(closedWith, undefined)
      else assert.equal(assertCode(closedWith, 'ABORTED').cause, reason)
      client?.abort()
      await listener.close()
    }
  },
}

export const lateFailureCases: readonly ConformanceCase[] = [
  ...lateCases,
  unreadableCase,
  endsFirstCase,
  oddReasonsCase,
]
