import { jsonDepthMax } from './json-depth.ts'

/** Longer paths are cut: they are for people. */
const pathLengthMax = 200

const objectPrototype = Object.prototype

/**
 * What in `value` JSON would change or leave out, for people: `a Date at rows.3.due (send its toISOString())`; undefined
 * when the receiver gets what is given. Members that are `undefined` are left out by JSON.stringify, and mean the same.
 *
 * Most values are plain and found so at a tenth of what it costs to stringify them, without an allocation. The others are
 * looked at once more, for the path.
 */
export function changedByJson(value: unknown): string | undefined {
  if (isPlainJson(value, 0)) return undefined
  const path: string[] = []
  const problem = problemOf(value, path)
  if (problem === undefined) return undefined
  const place = path.join('.')
  const at =
    place === '' ? '' : ` at ${place.length > pathLengthMax ? `${place.slice(0, pathLengthMax)}…` : place}`
  return `${problem.what}${at} (${problem.cure})`
}

/** False also for what has to be looked at twice: instances of classes, and what says by `toJSON` how it is sent. */
function isPlainJson(value: unknown, depth: number): boolean {
  if (typeof value !== 'object') return isPlainLeaf(value)
  if (value === null) return true
  if (depth >= jsonDepthMax) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const element: unknown = value[index]
      if (element === undefined || !isPlainJson(element, depth + 1)) return false
    }
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== objectPrototype && prototype !== null) return false
  const members = value as Readonly<Record<string, unknown>>
  for (const name in members) {
    if (name === '__proto__') return false
    const member = members[name]
    if (member !== undefined && !isPlainJson(member, depth + 1)) return false
  }
  return true
}

function isPlainLeaf(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}

interface Problem {
  readonly what: string
  readonly cure: string
}

/** @param path of `value`; afterwards that of the problem, when there is one */
function problemOf(value: unknown, path: string[]): Problem | undefined {
  // JSON.stringify asks once: what toJSON gives is taken as it is.
  return problemOfPlain(saysHow(value) ? value.toJSON(path.at(-1) ?? '') : value, path)
}

function problemOfPlain(value: unknown, path: string[]): Problem | undefined {
  if (typeof value !== 'object' || value === null) return problemOfLeaf(value)
  if (path.length >= jsonDepthMax)
    return { what: `more than ${jsonDepthMax} levels`, cure: 'send less at once; a cycle has no end' }
  return problemOfKind(value) ?? problemOfMembers(value, path)
}

function problemOfMembers(value: object, path: string[]): Problem | undefined {
  const isArray = Array.isArray(value)
  for (const name of isArray ? value.keys() : Object.keys(value)) {
    path.push(String(name))
    if (!isArray && name === '__proto__')
      return { what: 'the key __proto__', cure: 'every receiver refuses it' }
    const member = (value as Readonly<Record<PropertyKey, unknown>>)[name]
    if (name === 'toJSON' && typeof member === 'function') continue
    const problem =
      member === undefined
        ? isArray
          ? { what: 'undefined in an array', cure: 'send null, or leave the element out' }
          : undefined
        : problemOf(member, path)
    if (problem !== undefined) return problem
    path.pop()
  }
  return undefined
}

function problemOfLeaf(value: unknown): Problem | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? undefined : { what: String(value), cure: 'send null, or leave it out' }
    case 'bigint':
      return { what: 'a bigint', cure: 'send it as a string' }
    case 'function':
    case 'symbol':
      return { what: `a ${typeof value}`, cure: 'leave it out' }
    default:
      return undefined
  }
}

const bytes = { what: 'bytes', cure: 'declare the whole body as bytes(), or send them as base64' }
const text = (name: string) => ({ what: `a ${name}`, cure: 'send what it says as a string' })
const entries = (name: string) => ({ what: `a ${name}`, cure: 'send an array of what is in it' })
const primitive = (name: string) => ({ what: `a ${name} object`, cure: 'send its valueOf()' })

/** By the tags of ECMA-262, 20.1.3.6, which the objects of other realms have, too. */
const problemsByTag: Readonly<Record<string, Problem>> = {
  Date: { what: 'a Date', cure: 'send its toISOString()' },
  Map: entries('Map'),
  Set: entries('Set'),
  WeakMap: entries('WeakMap'),
  WeakSet: entries('WeakSet'),
  Promise: { what: 'a promise', cure: 'await it first' },
  RegExp: text('RegExp'),
  Error: { what: 'an Error', cure: 'send its message' },
  ArrayBuffer: bytes,
  SharedArrayBuffer: bytes,
  Number: primitive('Number'),
  String: primitive('String'),
  Boolean: primitive('Boolean'),
}

function problemOfKind(value: object): Problem | undefined {
  if (ArrayBuffer.isView(value)) return bytes
  const tag = objectPrototype.toString.call(value).slice('[object '.length, -1)
  return Object.hasOwn(problemsByTag, tag) ? problemsByTag[tag] : undefined
}

/** Dates and Buffers say it, too, and arrive as something else: they count by their kind. */
function saysHow(value: unknown): value is { toJSON(key: string): unknown } {
  if (typeof value !== 'object' || value === null || problemOfKind(value) !== undefined) return false
  return 'toJSON' in value && typeof value.toJSON === 'function'
}
