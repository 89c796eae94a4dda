import { isPlainObject } from '../checks/is-plain-object.ts'

/** Deeper values are refused: no topic and no schema needs it, and the walk must end. */
const depthMax = 64

/**
 * Returns the canonical JSON of a plain value: members are sorted by name, and those that are `undefined` are left out.
 *
 * @throws TypeError for a value that JSON cannot express: functions, symbols, bigint, NaN, class instances, cycles.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > depthMax) throw new TypeError(`nested more than ${depthMax} levels deep`)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number`)
    return JSON.stringify(value)
  }
  // Not `map`, which skips holes: they would leave nothing between two commas.
  if (Array.isArray(value))
    return `[${Array.from(value, (item) => canonicalJson(item, depth + 1)).join(',')}]`
  if (!isPlainObject(value)) throw new TypeError(`${describe(value)} is not plain JSON`)
  if (Object.hasOwn(value, '__proto__')) throw new TypeError('every receiver refuses the key __proto__')
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name], depth + 1)}`)
  return `{${members.join(',')}}`
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  return `an instance of ${value.constructor?.name ?? 'a class'}`
}
