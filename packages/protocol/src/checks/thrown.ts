/** Returns a text with a full stop at its end, unless it ends with one or with a question mark. */
export function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}

/** Members of a thrown object that a text names. */
const namesMax = 8

/**
 * Returns the text of any thrown value, for a message. For an object that is not an error it lists the names of its
 * members, because their values may be secrets.
 */
export function textOfThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.message)
    const text = String(thrown)
    return text === '[object Object]' ? namesOf(thrown as object) : text
  } catch {
    return 'an error that cannot be shown'
  }
}

function namesOf(thrown: object): string {
  const names = Object.keys(thrown)
  if (names.length === 0) return 'an object'
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : ''
  return `an object with ${names.slice(0, namesMax).join(', ')}${more}`
}
