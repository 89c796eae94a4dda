import { describe, expect, it } from 'vitest'
import { isAlike, keptMembers } from '../../src/serving/kept-members.ts'

class Point {
  readonly x = 1
}
const date = new Date(5)
const point = new Point()

describe('two values are alike', () => {
  it.each<[unknown, unknown]>([
    [1, 1],
    [Number.NaN, Number.NaN],
    [null, null],
    [[], []],
    [
      [1, { a: 2 }],
      [1, { a: 2 }],
    ],
    [new Date(5), new Date(5)],
    [new Date(Number.NaN), new Date(Number.NaN)],
    [{}, {}],
    [
      { a: 1, b: [2] },
      { b: [2], a: 1 },
    ],
    [{ a: undefined }, { a: undefined }],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [point, point],
  ])('%o and %o', (one, other) => {
    expect([isAlike(one, other), isAlike(other, one)]).toEqual([true, true])
  })
})

describe('two values are not alike', () => {
  it.each<[unknown, unknown]>([
    [1, 2],
    [0, -0],
    ['1', 1],
    [null, {}],
    [undefined, {}],
    ['', []],
    [[], {}],
    [[1], [2]],
    [[1], [1, 2]],
    [
      [1, 2],
      [1, 3],
    ],
    [
      [1, 2],
      [0, 2],
    ],
    [[undefined], []],
    [[1], { 0: 1, length: 1 }],
    [date, new Date(6)],
    [date, {}],
    [date, { getTime: () => 5 }],
    [date, 5],
    [{ a: 1 }, {}],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: undefined }, { b: undefined }],
    [
      { a: 1, b: 2 },
      { a: 1, b: 3 },
    ],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ toString: undefined }, {}],
    [point, new Point()],
    [point, { x: 1 }],
    [new Map(), new Map()],
    [new Map(), {}],
    [() => undefined, () => undefined],
  ])('%o and %o', (one, other) => {
    expect([isAlike(one, other), isAlike(other, one)]).toEqual([false, false])
  })
})

describe('the kept members of a value', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['the members of the result', { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    ['the members of elements', [{ a: 1, b: 2 }, { a: 3 }], [{ a: 1 }, { a: 3 }], [{ a: 1 }, { a: 3 }]],
    [
      'the members as they were given, even if the schema transformed them',
      { a: '5', b: 2 },
      { a: 5 },
      { a: '5' },
    ],
    ['no members, if the result has none', { a: 1 }, {}, {}],
    ['a member that is undefined', { a: undefined, b: 1 }, { a: undefined }, { a: undefined }],
    ['the members that toJSON returns', { toJSON: () => ({ a: 1, b: 2 }) }, { a: 1 }, { a: 1 }],
    ['a member named like one of Object.prototype', { toString: 1, b: 1 }, { toString: 1 }, { toString: 1 }],
    [
      'no member named like one of Object.prototype that the result lacks',
      { valueOf: 1, a: 2 },
      { a: 2 },
      { a: 2 },
    ],
  ])('are %s', (_, given, made, kept) => {
    expect(keptMembers(given, made)).toEqual(kept)
  })

  it.each<[string, unknown, unknown]>([
    ['the result is equal', { a: 1 }, { a: 1 }],
    ['the result is a string', { a: 1 }, 'text'],
    ['the result is null', { a: 1 }, null],
    ['the result is a Date', { a: 1 }, date],
    ['the result is an instance of a class', { x: 1, y: 2 }, point],
    ['the value is an array and the result is an object', [{ a: 1 }], { 0: {} }],
    ['the value is an array of another length', [{ a: 1 }, { a: 1 }], [{}]],
    ['the value is a string', 'text', {}],
    ['the value is null', null, {}],
    ['the members of the value are inherited', Object.create({ a: 1 }), {}],
  ])('are the value itself when %s', (_, given, made) => {
    expect(keptMembers(given, made)).toBe(given)
  })
})
