import { describe, expect, it } from 'vitest'
import { encodeBody, jsonCodec } from '../../src/envelope/index.ts'
import { jsonForm } from '../../src/envelope/json-form.ts'
import { failureOf } from '../support/failures.ts'

/** An instance of a class, which is not a plain object. */
const instance = new (class {
  readonly a = 1
})()

const textOf = (value: unknown) => new TextDecoder().decode(encodeBody({ kind: 'value', value }).bytes)

/** Arrays and objects in turn, `levels` deep. */
function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

describe('a plain value is not copied:', () => {
  it.each([
    ['a string', 'x'],
    ['a number', 1.5],
    ['true', true],
    ['false', false],
    ['null', null],
    ['an array', [1, 'x', true, null, [], {}]],
    ['an empty array', []],
    ['an object', { a: 1, b: 'x', c: false, d: null, e: [2], f: { g: 3 } }],
    ['an object with a member that is undefined', { a: undefined, b: 1 }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['128 levels', nested(128)],
  ])('%s', (_, value) => {
    expect(jsonForm(value)).toBe(value)
  })
})

describe('a value that is not plain is copied:', () => {
  it.each([
    ['an instance', instance],
    ['an array with an instance', [1, instance]],
    ['an object with an instance', { a: 1, b: instance }],
  ])('%s', (_, value) => {
    const copy = jsonForm(value)
    expect(copy).not.toBe(value)
    expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
  })
})

describe('toJSON', () => {
  it('gets the key of its value, and an empty one at the top', () => {
    const said = { toJSON: (key: string) => `<${key}>` }
    expect(textOf({ a: said, b: [said, said] })).toBe('{"a":"<a>","b":["<0>","<1>"]}')
    expect(textOf(said)).toBe('"<>"')
  })

  it('is an ordinary member when it is no function', () => {
    expect(textOf({ toJSON: 5, a: instance })).toBe('{"toJSON":5,"a":{"a":1}}')
  })

  it('may return null', () => {
    expect(textOf({ a: { toJSON: () => null } })).toBe('{"a":null}')
  })
})

describe('what JSON cannot carry', () => {
  it.each([
    ['a WeakMap', new WeakMap()],
    ['a WeakSet', new WeakSet()],
    ['a String object', Object('x')],
    ['a Boolean object', Object(true)],
  ])('is %s', (what, value) => {
    expect(failureOf(() => textOf({ value })).message).toContain(`${what} at value`)
  })

  const problemAt = (key: string) => failureOf(() => textOf({ [key]: 1n })).message

  it('is named directly, and not as a failure of the parser', () => {
    expect(problemAt('a')).toMatch(/^JSON cannot carry a bigint at a \(/)
  })

  it('is named with at most 200 characters of its path', () => {
    const [right, long] = ['k'.repeat(200), 'k'.repeat(201)]
    expect(problemAt(right)).toContain(`at ${right} (`)
    expect(problemAt(long)).toContain(`at ${right}… (`)
  })
})

it('the codec of version 1 has its name on the wire', () => {
  expect(jsonCodec).toBe('json')
})
