import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { addressEnd, addressKind, type NativePort } from '../../src/native/addon-types.ts'
import {
  counterIndex,
  entryWord,
  entryWords,
  recordKind,
  recordWord,
  recordWords,
} from '../../src/native/batch-table.ts'
import { chooseWaker } from '../../src/native/choose-waker.ts'
import { loadAddon } from '../../src/native/load-addon.ts'
import { nativeBackEnds } from './drivers.ts'

const loaded = loadAddon()

interface Record {
  readonly kind: number
  readonly slot: number
  readonly generation: number
  readonly status: number
}

function recordAt(words: Int32Array, at: number): Record {
  return {
    kind: words[at + recordWord.kind]!,
    slot: words[at + recordWord.slot]!,
    generation: words[at + recordWord.generation]!,
    status: words[at + recordWord.status]!,
  }
}

/** Turns of the event loop until a test gives up. */
const turnsMax = 10_000

/** Gathers until a record of this kind has come. */
async function gather(port: NativePort, kind: number): Promise<Record> {
  const words = new Int32Array(port.batch)
  for (let turn = 0; turn < turnsMax; turn++) {
    const count = port.gather()
    for (let at = 0; at < count * recordWords; at += recordWords) {
      const record = recordAt(words, at)
      if (record.kind === kind) return record
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`no record of kind ${kind}`)
}

async function connected(port: NativePort, tcpPort: number): Promise<{ client: Record; server: Record }> {
  const [status] = port.connect(addressKind.tcp, '127.0.0.1', tcpPort, true, 0, 0)
  expect(status).toBe(0)
  // The accept is ready only after the connect, so one gather may return both.
  const words = new Int32Array(port.batch)
  let client: Record | undefined
  let server: Record | undefined
  for (let turn = 0; turn < turnsMax; turn++) {
    const count = port.gather()
    for (let at = 0; at < count * recordWords; at += recordWords) {
      const record = recordAt(words, at)
      if (record.kind === recordKind.connected) client = record
      if (record.kind === recordKind.accepted) server = record
    }
    if (client !== undefined && server !== undefined) return { client, server }
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`connected: ${client !== undefined}, accepted: ${server !== undefined}`)
}

function listen(port: NativePort): { slot: number; generation: number; tcpPort: number } {
  const [status, slot, generation] = port.listen(
    addressKind.tcp,
    '127.0.0.1',
    0,
    true,
    0,
    0,
    16,
    false,
    false,
  )
  expect(status).toBe(0)
  const address = port.address(slot, generation, addressEnd.listener)
  return { slot, generation, tcpPort: address![2] }
}

describe.each(nativeBackEnds)('the port of the addon on $backend', ({ backend, absent }) => {
  if (absent) return test.skip('this system refuses it: see probe()', () => undefined)

  const open = (): NativePort => {
    if (!('addon' in loaded)) throw new Error('a back end that works comes from the addon')
    return new loaded.addon.NativePort(
      backend,
      new ArrayBuffer(4 * 4096),
      4,
      4096,
      65_536,
      1,
      () => undefined,
      chooseWaker(loaded.addon) === 'loop',
    )
  }

  test('a slot is reused with another generation, and the old name is not valid any more', async () => {
    const port = open()
    const listener = listen(port)
    const first = await connected(port, listener.tcpPort)
    port.closeConnection(first.client.slot, first.client.generation, true)
    const closed = await gather(port, recordKind.closed)
    expect(closed).toMatchObject({ slot: first.client.slot, generation: first.client.generation, status: 0 })

    const second = await connected(port, listener.tcpPort)
    expect(second.client.slot).toBe(first.client.slot)
    expect(second.client.generation).not.toBe(first.client.generation)

    const entries = new Int32Array(port.entries)
    entries.set([first.client.slot, first.client.generation, 5])
    entries.set([second.client.slot, second.client.generation, 7], entryWords)
    port.flush(2, false)
    expect(entries[entryWord.status]).toBe(constants.errno.ENOTCONN)
    expect(entries[entryWords + entryWord.status]).toBe(0)

    port.receiveStart(second.server.slot, second.server.generation)
    const received = await gather(port, recordKind.received)
    expect(received.slot).toBe(second.server.slot)
    // Only the bytes of the second entry arrived.
    expect(new Int32Array(port.batch)[recordWord.length]).toBe(7)
    // Late calls with the old name have no effect.
    port.closeConnection(first.client.slot, first.client.generation, true)
    port.receiveStop(first.client.slot, first.client.generation)
    port.shutdown(first.client.slot, first.client.generation)
    expect(port.address(first.client.slot, first.client.generation, addressEnd.local)).toBeNull()
    expect(port.address(second.client.slot, second.client.generation, addressEnd.local)).not.toBeNull()
    port.close()
  })

  test('close is idempotent, and every call on a closed port does nothing', async () => {
    const port = open()
    const listener = listen(port)
    const { client } = await connected(port, listener.tcpPort)
    port.close()
    port.close()
    expect(port.gather()).toBe(0)
    expect(port.flush(0, true)).toBe(false)
    expect(port.arm()).toBe(true)
    expect(port.send(client.slot, client.generation, [new Uint8Array(3)])).toBe(0)
    expect(port.listen(addressKind.tcp, '127.0.0.1', 0, true, 0, 0, 16, false, false)[0]).toBe(
      constants.errno.EBADF,
    )
    expect(port.address(client.slot, client.generation, addressEnd.local)).toBeNull()
    port.ref()
    port.unref()
  })

  test('a listener that fails to bind keeps nothing', () => {
    const port = open()
    const listener = listen(port)
    const counts = new Int32Array(port.counters)
    const [status] = port.listen(addressKind.tcp, '127.0.0.1', listener.tcpPort, true, 0, 0, 16, false, false)
    expect(status).toBe(constants.errno.EADDRINUSE)
    expect(counts[counterIndex.listeners]).toBe(1)
    expect(counts[counterIndex.handles]).toBe(1)
    expect(counts[counterIndex.operationsInFlight]).toBe(1)
    port.close()
  })

  test('a closed listener leaves its slot to the next one, and is not counted', async () => {
    const port = open()
    const names = new Set<string>()
    const slots = new Set<number>()
    for (let count = 0; count < 50; count++) {
      const { slot, generation } = listen(port)
      slots.add(slot)
      names.add(`${slot} of ${generation}`)
      port.closeListener(slot, generation)
      expect(await gather(port, recordKind.listenerClosed)).toMatchObject({ slot })
    }
    expect([slots.size, names.size]).toEqual([1, 50])
    expect([...new Int32Array(port.counters)].filter((count) => count !== 0)).toEqual([])
    port.close()
  })

  test('an invalid address is refused before anything is opened', () => {
    const port = open()
    for (const text of ['', 'localhost', '1.2.3', '::g', 'fe80::1%nowhere', '127.0.0.1\0', 'x'.repeat(500)]) {
      const [status] = port.connect(addressKind.tcp, text, 1, true, 0, 0)
      expect([constants.errno.EINVAL, constants.errno.ENAMETOOLONG]).toContain(status)
    }
    const tooLong = port.connect(addressKind.unix, `/${'x'.repeat(107)}`, 0, true, 0, 0)
    expect(tooLong[0]).toBe(constants.errno.ENAMETOOLONG)
    expect([...new Int32Array(port.counters)].every((count) => count === 0)).toBe(true)
    port.close()
  })

  test('a part of a send that is not a Uint8Array gives a TypeError, not a crash', async () => {
    const port = open()
    const listener = listen(port)
    const { client } = await connected(port, listener.tcpPort)
    const wrong = ['text'] as unknown as Uint8Array[]
    expect(() => port.send(client.slot, client.generation, wrong)).toThrow(TypeError)
    port.close()
  })
})
