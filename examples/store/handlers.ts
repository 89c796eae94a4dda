import { RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { store } from './contract.ts'
import type { KeyValueStore } from './key-value-store.ts'

const keysMax = 100_000

/** What the server knows of a connection. */
export interface StoreContext {
  readonly writer: string | undefined
}

export function implementStore(entries: KeyValueStore) {
  function put(key: string, value: string, writer: string | undefined) {
    if (entries.size >= keysMax && entries.get(key) === undefined)
      throw new RpcError('RESOURCE_EXHAUSTED', `The store is full: it has ${keysMax} keys.`)
    return entries.put(key, value, writer)
  }

  return implement(store)
    .$context<StoreContext>()
    .handlers({
      get({ input }) {
        const entry = entries.get(input.key)
        if (entry === undefined) throw new RpcError('NOT_FOUND', `There is no key '${input.key}'.`)
        return entry
      },

      put: ({ input, context }) => put(input.key, input.value, context.writer),

      // Nothing is awaited between the look and the change, so no other call comes between them.
      compareAndSet({ input, context, errors }) {
        const current = entries.get(input.key)
        const revision = current?.revision ?? 0
        if (revision !== input.expected)
          throw errors.CONFLICT(
            { revision, value: current?.value },
            `'${input.key}' has revision ${revision}`,
          )
        return put(input.key, input.value, context.writer)
      },

      async *list({ input }) {
        yield* entries.list(input.prefix)
      },

      /**
       * Each watcher is a position in the changes that the store keeps, so a slow one costs no memory: it is told of the gap
       * (COMPACTED) when it falls too far behind.
       */
      async *watch({ input, signal, errors }) {
        // Before the first `await`: when `started()` settles at the client, this has run.
        let revision = input.after ?? entries.revision
        for (;;) {
          const change = entries.changeAfter(revision)
          if (change === 'compacted') throw errors.COMPACTED({ oldest: entries.oldestRevision })
          if (change === undefined) await entries.changed(signal)
          else {
            revision = change.revision
            if (change.key.startsWith(input.prefix)) yield change
          }
        }
      },
    })
}
