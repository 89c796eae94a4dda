import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { runChild } from './native/run-child.ts'

const storage = new AsyncLocalStorage<string>()

/** A new copy of the module, imported inside a `run` of the storage. */
function importedBy(name: string): Promise<typeof import('../src/platform/callback-context.ts')> {
  vi.resetModules()
  return storage.run(name, () => import('../src/platform/callback-context.ts'))
}

describe('the empty context', () => {
  test('has no store, neither that of the first importer nor that of the caller', async () => {
    const { emptyContext } = await importedBy('the importer')
    const store = storage.run('the caller', () => emptyContext.runInAsyncScope(() => storage.getStore()))
    expect(store).toBeUndefined()
  })

  test('continues in promises, microtasks and timers that begin in it', async () => {
    const { emptyContext } = await importedBy('the importer')
    const stores: (string | undefined)[] = []
    const look = () => stores.push(storage.getStore())
    storage.run('the caller', () =>
      emptyContext.runInAsyncScope(() => {
        queueMicrotask(look)
        process.nextTick(look)
        setImmediate(look)
        void Promise.resolve().then(look)
        void (async () => {
          await null
          look()
        })()
      }),
    )
    await turn()
    await turn()
    expect(stores).toEqual(Array(5).fill(undefined))
  })

  test('keeps no store of run or enterWith for the next callback', async () => {
    const { emptyContext } = await importedBy('the importer')
    emptyContext.runInAsyncScope(() => {
      storage.run('inside', () => undefined)
      storage.enterWith('left')
    })
    expect(emptyContext.runInAsyncScope(() => storage.getStore())).toBeUndefined()
    expect(storage.getStore()).toBeUndefined()
  })

  test('passes on this, arguments, results and errors', async () => {
    const { emptyContext } = await importedBy('the importer')
    const thing = {
      add(left: number, right: number) {
        return [this, left + right]
      },
    }
    expect(emptyContext.runInAsyncScope(thing.add, thing, 1, 2)).toEqual([thing, 3])
    const thrown = new Error('from inside')
    const fail = () => {
      throw thrown
    }
    expect(() => emptyContext.runInAsyncScope(fail)).toThrow(thrown)
  })
})

test('importing the module uses no storage on runtimes where that slows every promise of the process', async () => {
  const isMadeOfHooks = '_enable' in AsyncLocalStorage.prototype
  const run = vi.spyOn(AsyncLocalStorage.prototype, 'run')
  vi.resetModules()
  await import('../src/platform/callback-context.ts')
  expect(run).toHaveBeenCalledTimes(isMadeOfHooks ? 0 : 1)
  run.mockRestore()
})

test('the current context is the one in which it was taken', async () => {
  const { currentContext } = await importedBy('the importer')
  const taken = storage.run('the maker', () => currentContext())
  const store = storage.run('the caller', () => taken.runInAsyncScope(() => storage.getStore()))
  expect(store).toBe('the maker')
})

test('the current context keeps no store of enterWith for the next callback', async () => {
  const { currentContext } = await importedBy('the importer')
  const other = new AsyncLocalStorage<string>()
  const taken = storage.run('the maker', () => currentContext())
  taken.runInAsyncScope(() => {
    storage.enterWith('left')
    other.enterWith('left, too')
  })
  const stores = storage.run('the caller', () =>
    taken.scope().runInAsyncScope(() => [storage.getStore(), other.getStore()]),
  )
  expect(stores).toEqual(['the maker', undefined])
})

test('importing the package enables no promise hooks, which would slow every promise of the process', async () => {
  const { code, output } = await runChild('promise-hooks.ts')
  expect({ code, output }).toEqual({ code: 0, output: '0\n' })
})
