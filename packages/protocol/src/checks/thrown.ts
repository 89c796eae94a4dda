/** The text of whatever was thrown, for a message: what gives none is shown as such. */
export function textOfThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown)
  } catch {
    return 'an error that cannot be shown'
  }
}
