/** Ways in which a callback can fail with the error that it is given. */
export const waysToFail: readonly (readonly [way: string, fail: (error: Error) => unknown])[] = [
  [
    'throws',
    (error) => {
      throw error
    },
  ],
  ['rejects', (error) => Promise.reject(error)],
  ['is a thenable that rejects', (error) => thenable((_resolve, reject) => reject(error))],
  [
    'is a thenable that throws',
    (error) =>
      thenable(() => {
        throw error
      }),
  ],
  [
    'has a getter then that throws',
    (error) =>
      Object.defineProperty({}, 'then', {
        get() {
          throw error
        },
      }),
  ],
]

/** Thrown values that throw when they are inspected. */
export const waysToThrowStrangely: readonly (readonly [value: string, make: () => unknown])[] = [
  [
    'a revoked Proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      return proxy
    },
  ],
  ['a Proxy whose traps throw', () => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse })],
]

function refuse(): never {
  throw new Error('from the trap')
}

function thenable(then: (resolve: unknown, reject: (error: Error) => void) => void): object {
  return Object.defineProperty({}, 'then', { value: then })
}

/** Returns the errors that reach the process during `run` and one task longer. The test runner does not see them. */
export async function reachingProcess(
  run: () => unknown,
): Promise<{ readonly uncaught: unknown[]; readonly unhandled: unknown[] }> {
  const reached = { uncaught: [] as unknown[], unhandled: [] as unknown[] }
  const kept = ['uncaughtException', 'unhandledRejection'].map((name) => ({
    name,
    listeners: process.listeners(name as 'uncaughtException'),
  }))
  for (const { name } of kept) process.removeAllListeners(name)
  process.on('uncaughtException', (error) => reached.uncaught.push(error))
  process.on('unhandledRejection', (error) => reached.unhandled.push(error))
  try {
    await run()
    for (let task = 0; task < 3; task++) await new Promise((resolve) => setImmediate(resolve))
  } finally {
    for (const { name, listeners } of kept) {
      process.removeAllListeners(name)
      for (const listener of listeners) process.on(name, listener)
    }
  }
  return reached
}
