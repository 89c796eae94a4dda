import { describe, expect, test } from 'vitest'
import { bytesIn, copyBytes, giveBackParts, partsOf } from '../../src/memory/bytes.ts'
import { thrownError } from '../thrown-error.ts'

describe('a value that is not bytes is refused with advice', () => {
  test.each<[string, unknown, RegExp]>([
    ['text', 'hello', /^send got 'hello': .*new TextEncoder\(\)\.encode\(text\)/],
    ['an ArrayBuffer', new ArrayBuffer(3), /send got ArrayBuffer.*new Uint8Array\(buffer\)/],
    ['a part that is a bigint', [new Uint8Array(1), 5n], /part 1 of a send is 5n/],
    ['a part that is a long string', ['x'.repeat(1000)], /part 0 of a send is 'x{79}…:/],
  ])('%s', (_, value, says) => {
    const error = thrownError(() => partsOf(value))
    expect(error.code).toBe('INVALID_ARGUMENT')
    expect(error.message).toMatch(says)
  })

  test('an error that the array throws is the cause', () => {
    const cause = new Error('mine')
    const array = Object.defineProperty([], 0, {
      get() {
        throw cause
      },
    })
    expect(thrownError(() => partsOf(array)).cause).toBe(cause)
  })

  test('a view whose buffer was transferred is refused, an empty view is not', () => {
    const lost = new Uint8Array(5)
    structuredClone(lost.buffer, { transfer: [lost.buffer] })
    expect(thrownError(() => bytesIn([new Uint8Array(3), lost])).message).toMatch(/transferred/)
    expect(bytesIn([new Uint8Array(0), new Uint8Array(3), Buffer.alloc(0)])).toBe(3)
  })
})

test('of a part that has grown only the expected bytes are copied', () => {
  const to = new Uint8Array(10)
  copyBytes(to, 6, new Uint8Array(100).fill(7), 4)
  expect([...to]).toEqual([0, 0, 0, 0, 0, 0, 7, 7, 7, 7])
})

describe('the two parts of a frame', () => {
  const header = new Uint8Array(4)
  const payload = new Uint8Array(3)

  test('stay those of their send even if reading its array runs another send', () => {
    const array = Object.defineProperty([header, payload], 1, {
      get() {
        partsOf([new Uint8Array(1), new Uint8Array(2)])
        giveBackParts()
        return payload
      },
    })
    expect(partsOf(array)).toEqual([header, payload])
    giveBackParts()
  })

  test('are not kept after the send', () => {
    const parts = partsOf([header, payload])
    expect(parts).toEqual([header, payload])
    giveBackParts()
    expect(parts).not.toContain(header)
    expect(parts).not.toContain(payload)
  })
})
