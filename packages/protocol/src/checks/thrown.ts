/** A text with a full stop at its end, unless it has one or is a question. */
export function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}

/** Members of a thrown object that a text names. */
const namesMax = 8

/**
 * The text of whatever was thrown, for a message: what gives none is shown as such. Of an object that is no error the names of its members,
 * since their values may be secrets.
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
