import { describe, expect, it } from 'vitest'
import { Waiters } from '../../src/serving/waiters.ts'

/** Waiters that record their calls. */
function noting() {
  const noted: unknown[][] = []
  const note =
    (how: string) =>
    (...given: unknown[]) => {
      noted.push([how, ...given])
      return given[2]
    }
  return { noted, waiters: new Waiters<string, string>(note('fulfilled'), note('rejected')) }
}

describe('waiters of promises', () => {
  it('call with the arguments of each wait, also when their functions are reused', async () => {
    const { noted, waiters } = noting()
    await waiters.wait(Promise.resolve(1), 'a', 'b')
    await Promise.all([
      waiters.wait(Promise.resolve(2), 'c', 'd'),
      waiters.wait(Promise.reject(3), 'e', 'f'),
      waiters.wait(Promise.resolve(4), 'g', 'h'),
    ])
    expect(noted).toEqual([
      ['fulfilled', 'a', 'b', 1],
      ['fulfilled', 'c', 'd', 2],
      ['rejected', 'e', 'f', 3],
      ['fulfilled', 'g', 'h', 4],
    ])
  })

  it('settle with the result of the callback', async () => {
    expect(await noting().waiters.wait(Promise.resolve(7), 'a', 'b')).toBe(7)
  })

  it('can wait again inside a callback', async () => {
    const noted: string[] = []
    const waiters: Waiters<string, number> = new Waiters(
      (name, left) => {
        noted.push(`${name}${left}`)
        return left === 0 ? undefined : waiters.wait(Promise.resolve(), name, left - 1)
      },
      () => undefined,
    )
    await Promise.all([waiters.wait(Promise.resolve(), 'a', 2), waiters.wait(Promise.resolve(), 'b', 1)])
    expect(noted.toSorted()).toEqual(['a0', 'a1', 'a2', 'b0', 'b1'])
  })

  it('call once for a promise whose own then calls twice', async () => {
    const { noted, waiters } = noting()
    const twice = Object.assign(Promise.resolve(1), {
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested.
      then(given: (value: number) => void) {
        given(8)
        given(9)
      },
    })
    await waiters.wait(twice as Promise<unknown>, 'a', 'b')
    expect(noted).toEqual([['fulfilled', 'a', 'b', 1]])
  })

  it('throw when a promise was tampered with, and still wait for others', async () => {
    const { noted, waiters } = noting()
    const boom = new Error('boom')
    const tampered = Object.defineProperty(Promise.resolve(1), 'constructor', {
      get() {
        throw boom
      },
    })
    expect(() => waiters.wait(tampered, 'a', 'b')).toThrow(boom)
    await waiters.wait(Promise.resolve(2), 'c', 'd')
    expect(noted).toEqual([['fulfilled', 'c', 'd', 2]])
  })
})
