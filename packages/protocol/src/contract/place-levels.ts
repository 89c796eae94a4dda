/** Names of a place without quotes. Any other name is quoted, so that its dots do not separate levels. */
const plainName = /^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u

/** The level of a place for a member of an object: `nick`, `"a.b"`. */
export function memberLevel(name: string): string {
  return plainName.test(name) ? name : JSON.stringify(name)
}

/** The element of a tuple at an index: `[0]`. */
export function elementLevel(index: number): string {
  return `[${index}]`
}

/** Each element of an array, or each member of a record. */
export const eachLevel = '[]'
