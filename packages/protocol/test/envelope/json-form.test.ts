import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody } from '../../src/envelope/index.ts'

const encode = (value: unknown) => encodeBody({ kind: 'value', value })
const sent = (value: unknown) => (decodeBody(encode(value)) as { readonly value: unknown }).value
const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`) as unknown

class Point {
  x = 1
  y = 2
  get sum() {
    return this.x + this.y
  }
}

class Money {
  cents: number
  constructor(cents: number) {
    this.cents = cents
  }
  toJSON() {
    return { cents: this.cents }
  }
}

const ownForm = {
  a: 1,
  toJSON() {
    return this
  },
}

const cycle: Record<string, unknown> = {}
cycle.self = cycle

describe('a value that JSON would change is refused, with its path and what to send instead', () => {
  it.each<[string, unknown, string]>([
    ['NaN', Number.NaN, 'NaN (send null, or leave it out)'],
    ['an infinity', { a: [0, -Infinity] }, '-Infinity at a.1 (send null, or leave it out)'],
    ['a bigint', { id: 1n }, 'a bigint at id (send it as a string)'],
    ['a function', { run() {} }, 'a function at run (leave it out)'],
    ['a symbol', [Symbol('x')], 'a symbol at 0 (leave it out)'],
    ['a date', { rows: [{ due: new Date(0) }] }, 'a Date at rows.0.due (send its toISOString())'],
    ['a date as the whole value', new Date(0), 'a Date (send its toISOString())'],
    ['a date of another realm', [runInNewContext('new Date(0)')], 'a Date at 0 (send its toISOString())'],
    ['a map', { m: new Map([[1, 2]]) }, 'a Map at m (send its entries as an array)'],
    ['a set', { s: new Set([1]) }, 'a Set at s (send its entries as an array)'],
    ['a map of another realm', runInNewContext('new Map()'), 'a Map (send its entries as an array)'],
    [
      'bytes',
      { file: Uint8Array.of(1) },
      'bytes at file (declare the whole body as bytes(), or send them as base64)',
    ],
    [
      'a Buffer',
      [Buffer.from('x')],
      'bytes at 0 (declare the whole body as bytes(), or send them as base64)',
    ],
    [
      'an ArrayBuffer',
      new ArrayBuffer(1),
      'bytes (declare the whole body as bytes(), or send them as base64)',
    ],
    ['a promise', { later: Promise.resolve(1) }, 'a promise at later (await it first)'],
    ['an error', { error: new Error('x') }, 'an Error at error (send its message)'],
    ['a regular expression', { re: /x/ }, 'a RegExp at re (send it as a string)'],
    ['a Number object', { n: Object(1) }, 'a Number object at n (send its valueOf())'],
    [
      'undefined in an array',
      { a: [1, undefined] },
      'undefined in an array at a.1 (send null, or leave the element out)',
    ],
    [
      'a Blob',
      { file: new Blob(['x']) },
      'an object of class Blob at file (it would arrive as {}: send its data)',
    ],
    [
      'a URLSearchParams object',
      new URLSearchParams('a=1'),
      'an object of class URLSearchParams (it would arrive as {}',
    ],
    ['a BigInt object', [Object(1n)], 'an object of class BigInt at 0 (it would arrive as {}'],
    ['a hole', new Array(1), 'undefined in an array at 0 (send null, or leave the element out)'],
    [
      'an own __proto__',
      JSON.parse('{"a":{"__proto__":1}}'),
      'the key __proto__ at a.__proto__ (every receiver refuses it)',
    ],
    [
      'a date inside an instance of a class',
      Object.assign(new Point(), { at: new Date(0) }),
      'a Date at at (send its toISOString())',
    ],
    [
      'NaN in the result of toJSON',
      { a: new Money(Number.NaN) },
      'NaN at a.cents (send null, or leave it out)',
    ],
    [
      'a toJSON that returns undefined',
      { toJSON: () => undefined },
      'a value whose toJSON returns undefined',
    ],
  ])('%s', (_, value, problem) => {
    const code = 'INVALID_BODY'
    expect(() => encode(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`JSON cannot carry ${problem}`) }),
    )
  })

  it.each([
    ['129 levels', nested(129)],
    ['a cycle', cycle],
    [
      'an array that contains itself',
      (() => {
        const list: unknown[] = []
        list.push(list)
        return list
      })(),
    ],
  ])('%s', (_, value) => {
    expect(() => encode(value)).toThrow(/JSON cannot carry more than 128 levels at [\w.]+…? \(send less/)
  })

  it('a long path is cut', () => {
    const deep = Array.from({ length: 100 }).reduce<unknown>(
      (inner) => ({ 'a long name': inner }),
      Number.NaN,
    )
    expect(() => encode(deep)).toThrow(/at (a long name\.)+a long…|at .{200}… \(/)
  })
})

describe('a value that JSON carries arrives as it was given', () => {
  it.each([
    ['a text', 'x'],
    ['zero', 0],
    ['the largest double', Number.MAX_VALUE],
    ['null', null],
    ['128 levels', nested(128)],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['an object of another realm', runInNewContext('({ a: [1, { b: null }] })')],
    ['a name that looks like a number', { 1: 'a' }],
    ['a toJSON that is not a function', { toJSON: 1 }],
  ])('%s', (_, value) => {
    expect(sent(value)).toEqual(value)
  })

  it.each([
    ['members that are undefined are left out', { a: undefined, b: 1 }, { b: 1 }],
    ['an instance of a class is sent as its members', new Point(), { x: 1, y: 2 }],
    [
      'a value with toJSON is sent as the result of toJSON',
      { price: new Money(5), url: new URL('tcp://a:1/') },
      { price: { cents: 5 }, url: 'tcp://a:1/' },
    ],
    ['a toJSON that returns its own object', ownForm, { a: 1 }],
    [
      'a member whose toJSON returns undefined is left out',
      { a: { toJSON: () => undefined }, b: 1 },
      { b: 1 },
    ],
    ['members whose names are symbols are left out', { [Symbol('x')]: 1, b: 1 }, { b: 1 }],
  ])('%s', (_, value, expected) => {
    expect(sent(value)).toEqual(expected)
  })
})
