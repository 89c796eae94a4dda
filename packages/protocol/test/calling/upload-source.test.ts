import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { leaveSource, openSource } from '../../src/calling/upload-source.ts'

const options = () => ({ signal: new AbortController().signal })
const open = (given: unknown, isRaw = false) => openSource(given, isRaw, options)

/** All items that a reader gives. */
async function itemsOf(given: unknown, isRaw = false): Promise<unknown[]> {
  const reader = open(given, isRaw)
  const items: unknown[] = []
  for (;;) {
    const { done, value } = await reader.next()
    if (done === true) return items
    items.push(value)
  }
}

/** An iterator that counts calls of its `return`, which runs `returns`. */
function watched(returns: () => unknown = () => undefined) {
  const state = { returned: 0 }
  const iterator = {
    next: () => ({ done: true, value: undefined }),
    return() {
      state.returned += 1
      return returns()
    },
  }
  return { state, iterator }
}

function* generated() {
  yield 1
  yield 2
}

const webStream = (...items: readonly unknown[]) =>
  new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item)
      controller.close()
    },
  })

describe('the source of an upload', () => {
  it.each<[string, () => unknown]>([
    ['an array', () => [1, 2]],
    ['a generator', generated],
    [
      'an asynchronous generator',
      async function* () {
        yield* [1, 2]
      },
    ],
    ['a web stream', () => webStream(1, 2)],
    ['a Node.js stream', () => Readable.from([1, 2])],
  ])('may be %s, or a function that returns it', async (_, make) => {
    expect(await itemsOf(make())).toEqual([1, 2])
    expect(await itemsOf(make)).toEqual([1, 2])
  })

  it('may be a Blob or a Uint8Array only in an upload of bytes', async () => {
    const bytes = Uint8Array.of(1, 2, 3)
    expect(await itemsOf(bytes, true)).toEqual([bytes])
    expect(await itemsOf(new Blob([bytes]), true)).toEqual([bytes])
    expect(await itemsOf(bytes)).toEqual([1, 2, 3])
    expect(() => open(new Blob([bytes]))).toThrow(/the upload is .*, not an iterable of items, or a stream/)
  })

  it('is refused when it is an async function, and what that resolves with is ended', async () => {
    const { state, iterator } = watched()
    const given = { ...iterator, [Symbol.asyncIterator]: () => iterator }
    expect(() => open(async () => given)).toThrow(
      /the upload is a Promise, .* \(the function must return the source/,
    )
    // A rejection is handled too: vitest would report an unhandled one.
    expect(() => open(async () => Promise.reject(new Error('no file')))).toThrow(/the upload is a Promise/)
    expect(() => open(Promise.reject(new Error('no file')))).toThrow(/or a function that returns one$/)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(state.returned).toBe(1)
  })

  it('is refused when its Symbol.asyncIterator returns a promise', async () => {
    const asyncIterator = async () => Promise.reject(new Error('no file'))
    expect(() => open({ [Symbol.asyncIterator]: asyncIterator })).toThrow(
      'Symbol.asyncIterator of the items gave a Promise, not an iterator',
    )
    await new Promise((resolve) => setTimeout(resolve, 0))
  })

  it('gets a signal when it is a function', () => {
    const { signal } = new AbortController()
    const given: unknown[] = []
    const make = (one: unknown) => {
      given.push(one)
      return []
    }
    openSource(make, false, () => ({ signal }))
    expect(given).toEqual([{ signal }])
  })

  it.each<[unknown, boolean, string]>([
    [null, false, 'the upload is null or missing, not an iterable of items, or a stream or a function'],
    [5, false, 'the upload is 5, not an iterable of items'],
    ['text', false, 'the upload is "text", not an iterable of items'],
    [{}, false, 'the upload is an object, not an iterable of items'],
    [
      undefined,
      true,
      'the upload is undefined, not an iterable of Uint8Array, a stream, a Blob or a Uint8Array',
    ],
    [{ getReader: 5 }, false, 'the upload is an object'],
    [{ stream: 5, arrayBuffer: 5 }, true, 'the upload is an object'],
    [{ stream: () => [] }, true, 'the upload is an object'],
    [() => null, false, 'the upload is null'],
  ])('is refused when it is %o', (given, isRaw, text) => {
    expect(() => open(given, isRaw)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(text) }),
    )
  })

  it('is refused the second time when it gives its items only once, and an array is not', async () => {
    for (const once of [generated(), Readable.from([1])]) {
      open(once)
      expect(() => open(once)).toThrow(/another call has read the upload: give a function/)
    }
    const items = [1, 2]
    expect([await itemsOf(items), await itemsOf(items)]).toEqual([items, items])
  })

  it('is refused when it has another reader, or was read to its end', async () => {
    const stream = webStream(1)
    stream.getReader()
    expect(() => open(stream)).toThrow(/a stream that has a reader already/)
    const readable = Readable.from([1])
    for await (const _ of readable);
    expect(() => open(readable)).toThrow(/already read to its end/)
  })
})

describe('an abandoned source', () => {
  it('has its iterator returned, or its stream destroyed or cancelled', async () => {
    const { state, iterator } = watched()
    open({ [Symbol.iterator]: () => iterator }).end()
    expect(state.returned).toBe(1)
    const readable = Readable.from([1])
    open(readable).end()
    expect(readable.destroyed).toBe(true)
    const reasons: unknown[] = []
    const stream = new ReadableStream({ cancel: (reason) => void reasons.push(reason) })
    open(stream).end()
    await Promise.resolve()
    expect(reasons).toEqual([undefined])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['returns nothing', () => null],
  ])('may fail to end: its return %s', async (_, returns) => {
    const { iterator } = watched(returns)
    open({ [Symbol.iterator]: () => iterator }).end()
    open({ [Symbol.iterator]: () => ({ next: iterator.next }) }).end()
    await new Promise<void>((resolve) => setImmediate(resolve))
  })

  it('is ended unread if it holds resources, and is not opened if it holds none', async () => {
    const readable = Readable.from([1])
    leaveSource(readable)
    expect(readable.destroyed).toBe(true)
    const cancelled: string[] = []
    leaveSource(new ReadableStream({ cancel: () => void cancelled.push('stream') }))
    await Promise.resolve()
    expect(cancelled).toEqual(['stream'])
    const { state, iterator } = watched()
    leaveSource({ ...iterator, [Symbol.iterator]: () => iterator })
    expect(state.returned).toBe(1)
    let opened = 0
    const openIt = () => {
      opened += 1
      return iterator
    }
    leaveSource({ [Symbol.iterator]: openIt })
    leaveSource(openIt)
    expect([opened, state.returned]).toEqual([0, 1])
  })

  it('needs no end if it cannot be opened', () => {
    const stream = webStream(1)
    stream.getReader()
    for (const given of [undefined, null, 5, stream, { next: 5 }, { pipe: 5, destroy: 5 }]) leaveSource(given)
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    leaveSource(proxy)
  })
})
