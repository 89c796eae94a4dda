import { expect, test } from 'vitest'
import type { NativePort } from '../../src/native/addon-types.ts'
import { type BatchHost, BatchReader } from '../../src/native/batch-reader.ts'
import { recordKind, recordWord, recordWords } from '../../src/native/batch-table.ts'
import { NativeConnection } from '../../src/native/native-connection.ts'
import type { SendArena } from '../../src/native/send-arena.ts'

const endpoint = { kind: 'unix', path: 'scripted' } as const

test.each([
  [5, 0, 5],
  [-1, 0, 2 ** 32 - 1],
  [0, 1, 2 ** 32],
  [7, 2 ** 21 - 1, (2 ** 21 - 1) * 2 ** 32 + 7],
])(
  'a record of completed sends has the remaining bytes in two words: %i and %i are %i bytes',
  (low, high, bytes) => {
    const batch = new Int32Array(recordWords)
    const noted: NativeConnection[] = []
    const host = {
      native: { batch: batch.buffer } as unknown as NativePort,
      arena: {
        progressed: (connection: NativeConnection) => void noted.push(connection),
      } as unknown as SendArena,
      schedule: () => undefined,
      deliverHeld: () => undefined,
      holdChanged: () => undefined,
      opened: () => undefined,
      closedOne: () => undefined,
    } satisfies BatchHost
    const reader = new BatchReader(host, {} as never)
    const connection = new NativeConnection(host, 3, 1, endpoint)
    const { signal } = new AbortController()
    reader.addConnect(connection, { endpoint, signal, resolve: () => undefined, reject: () => undefined })
    batch[recordWord.kind] = recordKind.sendProgress
    batch[recordWord.slot] = 3
    batch[recordWord.generation] = 1
    batch[recordWord.queuedLow] = low
    batch[recordWord.queuedHigh] = high
    reader.deliver(1)
    expect([connection.ownedBytes, noted]).toEqual([bytes, [connection]])
  },
)
