import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import * as checks from '../src/checks.ts'
import { wrongRecord } from '../src/checks.ts'

class WithField {
  signal = 1
}
class WithGetter {
  get signal() {
    return 1
  }
}

describe('an object with named members', () => {
  it.each<[string, unknown]>([
    ['a literal', { signal: 1 }],
    ['an empty literal', {}],
    ['an object without a prototype', Object.create(null)],
    ['an object of another realm', runInNewContext('({})')],
    ['the namespace of a module', checks],
    ['an instance with a field', new WithField()],
    ['an instance whose class has a known name', new WithGetter()],
    ['a Map with members of its own', Object.assign(new Map(), { other: 1 })],
  ])('is %s', (_, value) => {
    expect(wrongRecord(value, ['signal'])).toBeUndefined()
  })

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined, not an object'],
    ['null', null, 'null, not an object'],
    ['a text', 'x', '"x", not an object'],
    ['a function', () => 1, 'a function, not an object'],
    ['an array', [], 'an array, not an object'],
    ['a Map', new Map([['a', 'b']]), 'a Map, not a plain object: give Object.fromEntries() of it'],
    ['a Map of another realm', runInNewContext('new Map()'), 'a Map, not a plain object: give'],
    ['headers', new Headers({ a: 'b' }), 'a Headers, not a plain object: give Object.fromEntries() of it'],
    ['parameters', new URLSearchParams('a=b'), 'a URLSearchParams, not a plain object: give Object'],
    ['a form', new FormData(), 'a FormData, not a plain object: give Object.fromEntries() of it'],
    ['a promise', Promise.resolve({}), 'a Promise, not a plain object: await it first'],
    ['a date', new Date(0), 'a Date, not a plain object'],
    ['an error', new Error('x'), 'an Error, not a plain object'],
    ['a signal', new AbortController().signal, 'an AbortSignal, not a plain object: give it as { signal }'],
    ['an instance', new WithGetter(), 'an object without members of its own, not a plain object'],
  ])('is not %s', (name, value, problem) => {
    const known = name === 'a signal' ? ['signal'] : []
    // The AbortSignal of this runtime has no member `signal`.
    expect(wrongRecord(value, known)).toMatch(new RegExp(`^${problem.replace(/[()[\]{}]/g, '\\$&')}`))
  })

  it('is not suggested for a signal if no such member is known', () => {
    expect(wrongRecord(new AbortController().signal, ['limits'])).toBe('an AbortSignal, not a plain object')
  })
})
