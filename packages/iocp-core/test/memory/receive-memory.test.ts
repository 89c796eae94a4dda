import { describe, expect, test } from 'vitest'
import { lend, type MemoryMaker, receiveMemory, receiveMemorySteps } from '../../src/memory/receive-memory.ts'

test('the memory of a port cannot be detached, moved or resized through its buffer', () => {
  const memory = receiveMemory(100_000)
  expect(memory.isPinned).toBe(true)
  const { buffer } = memory
  const before = buffer.byteLength
  const newer = buffer as ArrayBuffer & { transfer?(): unknown; resize?(bytes: number): unknown }
  for (const take of [
    () => structuredClone(buffer, { transfer: [buffer] }),
    () => new MessageChannel().port1.postMessage(0, [buffer]),
    () => newer.transfer?.(),
    () => newer.resize?.(0),
  ]) {
    try {
      take()
    } catch {}
    expect(buffer.byteLength).toBe(before)
  }
  expect(lend(memory, 10, 5).buffer).toBe(buffer)
  expect(receiveMemorySteps()).toEqual([])
})

const runtimes: readonly (readonly [name: string, systemCode: string, runtime: MemoryMaker])[] = [
  ['without WebAssembly', 'ENOSYS', {}],
  ['without addresses for it', 'ENOMEM', { Memory: refusing() }],
  ['whose memory can be taken all the same', 'ENOTSUP', { Memory: ordinary() }],
]

function refusing() {
  return class {
    readonly buffer: ArrayBuffer
    constructor() {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    }
  }
}

function ordinary() {
  return class {
    readonly buffer: ArrayBuffer
    constructor({ initial }: { readonly initial: number }) {
      this.buffer = new ArrayBuffer(initial * 65_536)
    }
  }
}

describe.each(runtimes)('on a runtime %s', (_, systemCode, runtime) => {
  test('callbacks get their own copies', () => {
    const memory = receiveMemory(100, runtime)
    expect(memory.isPinned).toBe(false)
    new Uint8Array(memory.buffer).fill(7)
    const chunk = lend(memory, 10, 5)
    expect([...chunk]).toEqual([7, 7, 7, 7, 7])
    structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] })
    expect(memory.buffer.byteLength).toBe(100)
    expect(lend(memory, 10, 5).buffer).not.toBe(memory.buffer)
  })

  test('the note of a back end has the failed step', () => {
    expect(receiveMemorySteps(runtime)).toEqual([
      { step: 'WebAssembly.Memory', required: false, ok: false, systemCode },
    ])
  })
})
