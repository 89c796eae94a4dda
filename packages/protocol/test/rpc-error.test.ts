import { expect, it } from 'vitest'
import { RpcError } from '../src/index.ts'

it.each([0, 0.5, 1_000, 2 ** 60, Number.POSITIVE_INFINITY, undefined])(
  'takes a wait of %s ms',
  (retryAfterMs) => {
    expect(new RpcError('UNAVAILABLE', 'not now', { retryAfterMs }).retryAfterMs).toBe(retryAfterMs)
  },
)

it.each([
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  ['5', '"5"'],
  [null, 'null'],
  [5n, '5n'],
])('refuses a wait of %s, which is no number of milliseconds', (given, shown) => {
  const make = () => new RpcError('UNAVAILABLE', 'not now', { retryAfterMs: given as number })
  expect(make).toThrow(
    expect.objectContaining({
      code: 'INVALID_FIELD',
      message: `retryAfterMs is ${shown}, not a number of milliseconds from 0 on`,
    }),
  )
})
