import { describe, expect, test } from 'vitest'
import type { Driver, DriverConnection, DriverListener, ListenerEvents } from '../../src/contract/driver.ts'
import { CorePort } from '../../src/core/core-port.ts'
import type { CompletionPort } from '../../src/index.ts'

const endpoint = { kind: 'tcp', host: '127.0.0.1', port: 1 } as const
const portClosed = { code: 'PORT_CLOSED' }
const nothing = () => undefined

/** A connection that closes in a later turn of the event loop, as a completion does. */
function connectionOf(calls: string[]): DriverConnection {
  const connection: Partial<DriverConnection> & { events?: DriverConnection['events'] } = {
    localEndpoint: endpoint,
    remoteEndpoint: endpoint,
    receiveStart: nothing,
    close(reset) {
      calls.push(reset ? 'connection reset' : 'connection closed')
      setImmediate(() => {
        calls.push('connection gone')
        connection.events?.closed()
      })
    },
  }
  return connection as DriverConnection
}

/** A port over a driver whose listens and connects settle when the test says so. */
function scripted() {
  const calls: string[] = []
  const bound: ((listener: DriverListener) => void)[] = []
  const connected: ((connection: DriverConnection) => void)[] = []
  const listeners: ListenerEvents[] = []
  const driver = {
    backend: 'net',
    notSentLowBytes: 0,
    listen(_endpoint, _options, events) {
      calls.push('listen')
      listeners.push(events)
      return new Promise((resolve) => bound.push(resolve))
    },
    connect() {
      calls.push('connect')
      return new Promise((resolve) => connected.push(resolve))
    },
    ref: nothing,
    unref: nothing,
    close: async () => void calls.push('driver closed'),
  } as Partial<Driver> as Driver
  const options = {
    backend: 'net',
    sendQueueHighBytes: 100,
    sendQueueLowBytes: 10,
    notSentLowBytes: 0,
    receiveBufferBytes: 65_536,
    workers: 1,
    poisonLentBytes: false,
  } as const
  const port: CompletionPort = new CorePort(driver, options, () => [])
  const listener: DriverListener = { endpoint, close: async () => void calls.push('listener closed') }
  return {
    port,
    calls,
    bind: () => bound[0]?.(listener),
    connect: () => connected[0]?.(connectionOf(calls)),
    accept: () => listeners[0]?.accepted(connectionOf(calls)),
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a port that is closed', () => {
  test('binds nothing for a listen that has not reached the system yet', async () => {
    const { port, calls } = scripted()
    const listening = expect(port.listen(endpoint, nothing)).rejects.toMatchObject(portClosed)
    await port.close()
    await listening
    expect(calls).toEqual(['driver closed'])
  })

  test('closes a listener that the system binds afterwards, rejects the listen, and ends only then', async () => {
    const { port, calls, bind } = scripted()
    const listening = expect(port.listen(endpoint, nothing)).rejects.toMatchObject(portClosed)
    await turn()
    const closed = port.close()
    await turn()
    expect(calls).toEqual(['listen'])
    bind()
    await Promise.all([listening, closed])
    expect(calls).toEqual(['listen', 'listener closed', 'driver closed'])
  })

  test('resets a connection that a pending connect opens afterwards, and rejects the connect', async () => {
    const { port, calls, connect } = scripted()
    const connecting = expect(port.connect(endpoint)).rejects.toMatchObject(portClosed)
    await turn()
    const closed = port.close()
    await turn()
    expect(calls).toEqual(['connect'])
    connect()
    await Promise.all([connecting, closed])
    expect(calls).toEqual(['connect', 'connection reset', 'connection gone', 'driver closed'])
  })

  test('hands out no connection that is accepted while its listener closes', async () => {
    const { port, calls, bind, accept } = scripted()
    const handedOut: unknown[] = []
    const listening = port.listen(endpoint, (connection) => void handedOut.push(connection))
    await turn()
    bind()
    const listener = await listening
    const closed = port.close()
    accept()
    await closed
    expect([handedOut, listener.connections]).toEqual([[], 0])
    expect(calls).toEqual([
      'listen',
      'listener closed',
      'connection reset',
      'connection gone',
      'driver closed',
    ])
  })

  test('gives the reason of its end to a connection that is accepted before the listen settles', async () => {
    const { port, calls, bind, accept } = scripted()
    const reasons: unknown[] = []
    const listening = port.listen(endpoint, (connection) =>
      connection.start({
        data: nothing,
        end: nothing,
        drain: nothing,
        close: (error) => void reasons.push(error),
      }),
    )
    const refused = expect(listening).rejects.toMatchObject(portClosed)
    await turn()
    const closed = port.close()
    accept()
    bind()
    await Promise.all([refused, closed])
    expect(reasons).toMatchObject([portClosed])
    expect(calls.slice(-2)).toEqual(['connection gone', 'driver closed'])
  })
})

test('a connect that is aborted as it completes rejects, and its connection ends', async () => {
  const { port, calls, connect } = scripted()
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  const connecting = port.connect(endpoint, { signal: controller.signal })
  await turn()
  connect()
  controller.abort(reason)
  await expect(connecting).rejects.toMatchObject({ code: 'ABORTED', cause: reason })
  await port.close()
  expect(calls).toEqual(['connect', 'connection reset', 'connection gone', 'driver closed'])
})
