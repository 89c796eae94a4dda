/** A text with a full stop at its end, unless it has one or is a question. */
export function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`
}

/** The text of whatever was thrown, for a message: what gives none is shown as such. */
export function textOfThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return 'an error that cannot be shown'
  }
}
