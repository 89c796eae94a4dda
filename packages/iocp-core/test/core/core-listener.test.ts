import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import type { DriverConnection, DriverListener } from '../../src/contract/driver.ts'
import { CoreListener } from '../../src/core/core-listener.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

const thrown = new Error('from onAcceptError')

const failing: readonly [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw thrown
    },
  ],
  ['rejects', () => Promise.reject(thrown)],
]

test.each(failing)(
  'an onAcceptError that %s reaches uncaughtException, and the listener goes on',
  async (_way, fail) => {
    const uncaught: unknown[] = []
    const runners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    try {
      const accepted: unknown[] = []
      const adopted = { abort() {} }
      const listener = new CoreListener({
        backend: 'net',
        connectionsMax: 10,
        onConnection: (connection) => accepted.push(connection),
        onAcceptError: fail as () => void,
        adopt: () => adopted as never,
        onClosed() {},
      })
      const driver: DriverListener = {
        endpoint: { kind: 'unix', path: 'scripted' },
        close: async () => undefined,
      }
      listener.bound(driver)
      listener.acceptFailed(new Error('EMFILE'))
      listener.accepted({} as DriverConnection)
      await turn()
      expect(uncaught).toEqual([thrown])
      expect(accepted).toEqual([adopted])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const runner of runners) process.on('uncaughtException', runner)
    }
  },
)

test('onConnection and onAcceptError run in an empty async context, whoever brought the event', () => {
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
