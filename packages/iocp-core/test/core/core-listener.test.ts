import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { reachingProcess, waysToFail } from '../../../../tests/support/failing-callbacks.ts'
import type { DriverConnection, DriverListener } from '../../src/contract/driver.ts'
import { CoreListener } from '../../src/core/core-listener.ts'

const thrown = new Error('from onAcceptError')

test.each(waysToFail)(
  'an onAcceptError that %s reaches uncaughtException, and the listener continues',
  async (_way, fail) => {
    const accepted: unknown[] = []
    const adopted = { abort() {} }
    const listener = new CoreListener({
      backend: 'net',
      connectionsMax: 10,
      onConnection: (connection) => accepted.push(connection),
      onAcceptError: () => fail(thrown) as undefined,
      adopt: () => adopted as never,
      onClosed() {},
    })
    const driver: DriverListener = {
      endpoint: { kind: 'unix', path: 'scripted' },
      close: async () => undefined,
    }
    listener.bound({ listeners: [driver], skipped: [] })
    const reached = await reachingProcess(() => {
      listener.acceptFailed(new Error('EMFILE'))
      listener.accepted({} as DriverConnection)
    })
    expect(reached).toEqual({ uncaught: [thrown], unhandled: [] })
    expect(accepted).toEqual([adopted])
  },
)

test('onConnection and onAcceptError run in an empty async context, whatever the context of the event', () => {
  const storage = new AsyncLocalStorage<string>()
  const stores: (string | undefined)[] = []
  const look = () => void stores.push(storage.getStore())
  const listener = storage.run('the listener', () => {
    const adopt = () => ({ abort() {} }) as never
    const settings = { backend: 'net', connectionsMax: 10, adopt, onClosed() {} } as const
    return new CoreListener({ ...settings, onConnection: look, onAcceptError: look })
  })
  storage.run('the sender', () => {
    listener.accepted({} as DriverConnection)
    listener.acceptFailed(new Error('EMFILE'))
  })
  expect(stores).toEqual([undefined, undefined])
})
