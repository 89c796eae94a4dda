import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { type BackendName, createCompletionPort, portChannels, probe } from '../../src/index.ts'

const parts = ['start', 'end', 'error', 'asyncStart', 'asyncEnd']
const names = [
  ...parts.map((part) => `tracing:${portChannels.connect}:${part}`),
  portChannels.connection,
  portChannels.listener,
]
const published: [string, Record<string, unknown>][] = []
const note = (message: unknown, name: string | symbol) =>
  void published.push([String(name), message as Record<string, unknown>])
const nobody = { data: () => undefined, end: () => undefined, drain: () => undefined, close: () => undefined }

function watch(): void {
  published.length = 0
  for (const name of names) subscribe(name, note)
}

afterEach(() => {
  for (const name of names) unsubscribe(name, note)
})

const backends: BackendName[] = probe()
  .filter(({ available }) => available)
  .map(({ backend }) => backend)

describe.each(backends)('a completion port on %s', (backend) => {
  it('publishes the states of a listener and of both ends of a connection', async () => {
    watch()
    const port = createCompletionPort({ backend })
    const accepted: unknown[] = []
    const listener = await port.listen('tcp://127.0.0.1:0', (connection) => {
      accepted.push(connection)
      connection.start({ ...nobody, end: () => connection.end() })
    })
    const connection = await port.connect(listener.url)
    const over = new Promise<void>((resolve) => connection.start({ ...nobody, close: () => resolve() }))
    connection.end()
    await over
    await listener.close()
    await port.close()
    const connects = published.filter(([name]) => name.startsWith('tracing:'))
    expect(connects.map(([name]) => name.split(':').at(-1))).toEqual([
      'start',
      'end',
      'asyncStart',
      'asyncEnd',
    ])
    expect(new Set(connects.map(([, message]) => message))).toEqual(
      new Set([{ url: listener.url, backend, connection }]),
    )
    const ofListener = published.filter(([name]) => name === portChannels.listener)
    expect(ofListener.map(([, message]) => message)).toEqual([
      { state: 'listening', listener, error: undefined },
      { state: 'closed', listener, error: undefined },
    ])
    const ofConnections = published.filter(([name]) => name === portChannels.connection)
    const states = (of: unknown) =>
      ofConnections
        .filter(([, message]) => message.connection === of)
        .map(([, { state, error }]) => [state, error])
    expect(states(connection)).toEqual([
      ['connected', undefined],
      ['closed', undefined],
    ])
    expect(states(accepted[0])).toEqual([
      ['accepted', undefined],
      ['closed', undefined],
    ])
  })

  it('publishes why a connect has failed, and why a connection was aborted', async () => {
    const port = createCompletionPort({ backend })
    const listener = await port.listen('tcp://127.0.0.1:0', (connection) => connection.start(nobody))
    const connection = await port.connect(listener.url)
    watch()
    const over = new Promise<void>((resolve) => connection.start({ ...nobody, close: () => resolve() }))
    const reason = new Error('of the test')
    connection.abort(reason)
    await over
    const { url } = listener
    await listener.close()
    const failure = await port.connect(url).catch((error: unknown) => error)
    const closed = published.find(([, message]) => message.connection === connection)
    expect(closed?.[1]).toEqual({ state: 'closed', connection, error: reason })
    const connects = published.filter(([name]) => name.startsWith('tracing:'))
    expect(connects.map(([name]) => name.split(':').at(-1))).toEqual([
      'start',
      'end',
      'error',
      'asyncStart',
      'asyncEnd',
    ])
    expect(connects[0]?.[1].error).toBe(failure)
    await port.close()
  })
})

describe('an accept that fails', () => {
  it('is published with its listener', async () => {
    const { CoreListener } = await import('../../src/core/core-listener.ts')
    watch()
    const listener = new CoreListener({
      backend: 'net',
      connectionsMax: 1,
      onConnection: () => undefined,
      onAcceptError: undefined,
      adopt: () => {
        throw new Error('nothing comes')
      },
      onClosed: () => undefined,
    })
    const error = new Error('EMFILE')
    listener.acceptFailed(error)
    expect(published).toEqual([])
    listener.bound({ listeners: [], skipped: [] })
    listener.acceptFailed(error)
    expect(published).toEqual([[portChannels.listener, { state: 'accept-failed', listener, error }]])
  })
})
