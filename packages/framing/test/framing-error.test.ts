import { expect, it } from 'vitest'
import { FramingError } from '../src/index.ts'

const revoked = Proxy.revocable({}, {})
revoked.revoke()
const trapped = new Proxy(
  {},
  {
    has() {
      throw new Error('from the trap')
    },
  },
)

it.each([
  ['a revoked Proxy', revoked.proxy],
  ['a Proxy whose has trap throws', trapped],
  ['an error of another class', new Error('x')],
  ['undefined', undefined],
  ['null', null],
  ['a string', 'x'],
  [
    'a function with the brand',
    Object.assign(() => undefined, { [Symbol.for('frameport.FramingError')]: true }),
  ],
])('%s is not a FramingError', (_name, value) => {
  expect(FramingError.is(value)).toBe(false)
})

it('a FramingError is one', () => {
  expect(FramingError.is(new FramingError('TRUNCATED', 'cut'))).toBe(true)
})

it('a FramingError has a cause only if one was given', () => {
  expect('cause' in new FramingError('TRUNCATED', 'cut')).toBe(false)
  expect(new FramingError('TRUNCATED', 'cut', { cause: 5 }).cause).toBe(5)
  expect(new FramingError('TRUNCATED', 'cut').name).toBe('FramingError')
})
