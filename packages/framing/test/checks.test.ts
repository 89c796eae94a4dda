import { describe, expect, it } from 'vitest'
import { reachingProcess } from '../../../tests/support/failing-callbacks.ts'
import { abortQuietly, callReporting, describeValue, reportUncaught } from '../src/checks.ts'

class Tagged {
  get [Symbol.toStringTag](): string {
    throw new Error('from the tag')
  }
}

describe('the description of a value', () => {
  it.each([
    ['le', '"le"'],
    ['two\nlines', '"two\\nlines"'],
    ['x'.repeat(100_000), `"${'x'.repeat(80)}"`],
    [-0.5, '-0.5'],
    [10n, '10n'],
    [10n ** 200n, `1${'0'.repeat(79)}`],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 0, 'a function'],
    [{ secret: 1 }, 'an object'],
    [[1, 2], 'an array'],
    [new Map(), 'a Map'],
    [{ [Symbol.toStringTag]: 'Umbrella' }, 'an Umbrella'],
    [{ [Symbol.toStringTag]: 'Uint' }, 'a Uint'],
    [{ [Symbol.toStringTag]: 'Map with an Array' }, 'a Map with an Array'],
    [new Error('hidden'), 'an Error'],
    [new Uint8Array(2), 'a Uint8Array'],
    [new Tagged(), 'an object that cannot be shown'],
  ])('%#: is short, has one line, and shows no contents of an object', (value, text) => {
    expect(describeValue(value)).toBe(text)
  })
})

it('an error of a callback is reported as uncaught, and the caller continues', async () => {
  const thrown = new Error('from the callback')
  expect(await reachingProcess(() => reportUncaught(thrown))).toEqual({ uncaught: [thrown], unhandled: [] })
})

it.each([
  [
    'throws',
    (thrown: Error) => () => {
      throw thrown
    },
  ],
  ['rejects later', (thrown: Error) => () => Promise.reject(thrown)],
  [
    'has a then that throws',
    (thrown: Error) => () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
      get then() {
        throw thrown
      },
    }),
  ],
  [
    'returns a function whose then fails',
    (thrown: Error) => () =>
      Object.assign(() => undefined, {
        // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
        then: (_: unknown, failed: (error: Error) => void) => failed(thrown),
      }),
  ],
])('a callback that %s is reported once, and the caller continues', async (_, make) => {
  const thrown = new Error('from the callback')
  const failures: unknown[] = []
  callReporting(make(thrown), (error) => void failures.push(error))
  await new Promise((resolve) => setImmediate(resolve))
  expect(failures).toEqual([thrown])
})

it('a callback that returns is not reported', async () => {
  const failures: unknown[] = []
  for (const returned of [undefined, null, 5, () => undefined, {}, Promise.resolve()])
    callReporting(
      () => returned,
      (error) => void failures.push(error),
    )
  await new Promise((resolve) => setImmediate(resolve))
  expect(failures).toEqual([])
})

it('abortQuietly returns whether the stream could be aborted', () => {
  let aborted = 0
  const failing = () => {
    throw new Error('it does not abort')
  }
  expect(abortQuietly({ abort: () => void aborted++ })).toBe(true)
  expect([abortQuietly({ abort: failing }), abortQuietly({} as never), aborted]).toEqual([false, false, 1])
})
