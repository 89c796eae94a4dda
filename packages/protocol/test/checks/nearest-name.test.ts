import fc from 'fast-check'
import { expect, it } from 'vitest'
import { listOfNames, nameHint, nearestName, unknownName } from '../../src/checks/nearest-name.ts'

/** The edit distance by its definition, without a limit. */
function distance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.NaN
  for (let i = 1; i <= one.length; i++)
    for (let j = 1; j <= other.length; j++)
      rows[i]![j] = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1),
      )
  return at(one.length, other.length)
}

it('gives the first name with the fewest changes: at most three, and at most half of the shorter name', () => {
  const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 })
  fc.assert(
    fc.property(names, fc.array(names, { maxLength: 8 }), (name, known) => {
      const near = known
        .map((candidate) => ({ candidate, changes: distance(name, candidate) }))
        .filter(({ candidate, changes }) => changes <= Math.min(3, candidate.length / 2, name.length / 2))
      const least = Math.min(...near.map(({ changes }) => changes))
      const expected = near.find(({ changes }) => changes === least)?.candidate
      expect(nearestName(name, known)).toBe(expected)
    }),
  )
})

it('stops comparing a name that can no longer be the nearest', () => {
  const lookedAt = { letters: 0 }
  const counted = (text: string) =>
    new Proxy(Object(text) as object, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) lookedAt.letters++
        const member = Reflect.get(target, key, target) as unknown
        return typeof member === 'function' ? (member as () => unknown).bind(target) : member
      },
    }) as unknown as string
  const far = { length: 60, toLowerCase: () => counted('y'.repeat(60)) } as unknown as string
  expect(
    nearestName(
      'x'.repeat(60),
      Array.from({ length: 300 }, () => far),
    ),
  ).toBeUndefined()
  expect(lookedAt.letters).toBeLessThan(300 * 60)
})

it('compares at most 512 names, including the 512th', () => {
  let given = 0
  function* names() {
    for (; given < 10_000; given++) yield 'x'.repeat(60)
  }
  nearestName('y'.repeat(60), names())
  expect(given).toBeLessThanOrEqual(513)
  const far = (count: number) => Array.from({ length: count }, () => 'x'.repeat(60))
  expect(nearestName('join', [...far(511), 'joim'])).toBe('joim')
  expect(nearestName('join', [...far(512), 'joim'])).toBeUndefined()
})

it('corrects a name of 128 letters, and no longer one', () => {
  const real = `${'a'.repeat(127)}b`
  expect(nearestName(`${'a'.repeat(127)}c`, [real])).toBe(real)
  expect(nearestName(`${'a'.repeat(128)}b`, [real])).toBeUndefined()
})

it('ignores the case of letters', () => {
  expect(nearestName('NODELAY', ['nodely', 'noDelay'])).toBe('noDelay')
})

it('cuts the unknown name in its text after 128 letters', () => {
  const cut = `options has no "${'x'.repeat(128)}": there is a`
  expect(unknownName('options', { ['x'.repeat(128)]: 1 }, ['a'])).toBe(cut)
  expect(unknownName('options', { ['x'.repeat(129)]: 1 }, ['a'])).toBe(cut)
})

it('stops after it has compared 30,000 pairs of letters', () => {
  let given = 0
  // Only the first and the last letters differ, so each name is compared to its end.
  const name = `y${'x'.repeat(100)}y`
  function* names() {
    for (; given < 500; given++) yield `z${'x'.repeat(100)}${given % 2 === 0 ? 'zz' : 'zzz'}`
  }
  nearestName(name, names())
  expect(given).toBeGreaterThan(30)
  expect(given).toBeLessThan(60)
})

it('does not count letters that a name shares with the others', () => {
  const names = Array.from({ length: 500 }, (_, at) => `${'procedureOfALongName'.repeat(4)}${at}`)
  expect(nearestName(`${names[499]}x`, names)).toBe(names[499])
})

it('proposes the near name, or lists at most twelve names when none is near', () => {
  const known = Array.from({ length: 12 }, (_, at) => `name${at}`)
  expect(nameHint('nmae3', known)).toBe(': did you mean name3?')
  expect(nameHint('other', known)).toBe(`: there is ${known.join(', ')}`)
  expect(nameHint('other', [...known, 'more', 'still'])).toBe(`: there is ${known.join(', ')} and 2 more`)
  expect(nameHint('other', [])).toBe(': there is none')
})

it('lists at most 128 letters of a name', () => {
  expect(listOfNames(['x'.repeat(129), 'y'])).toBe(`${'x'.repeat(128)}, y`)
})

it.each([
  ['timeout', ['signal', 'deadlineMs'], 'deadlineMs'],
  ['timeoutMs', ['defaultDeadlineMs', 'auth'], 'defaultDeadlineMs'],
  ['timeoutMs', ['helloTimeoutMs', 'connectTimeoutMs'], 'connectTimeoutMs'],
  ['connectTimeout', ['helloTimeoutMs', 'connectTimeoutMs'], 'connectTimeoutMs'],
  ['timeout', ['graceMs'], 'graceMs'],
  ['headers', ['metadata'], 'metadata'],
  ['token', ['auth', 'metadata'], 'auth'],
  ['Logger', ['log', 'limits'], 'log'],
])('takes %s, a name from other libraries, for the one meant among %j', (name, known, meant) => {
  expect(unknownName('options', { [name]: 1 }, known)).toBe(
    `options has no "${name}": did you mean ${meant}?`,
  )
})

it('ignores a name from other libraries when nothing here corresponds to it', () => {
  expect(unknownName('options', { headers: {} }, ['signal'])).toBe(
    'options has no "headers": there is signal',
  )
})
