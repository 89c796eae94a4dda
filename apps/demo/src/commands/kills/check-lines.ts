/** A line as its speaker, or the history, has it. */
export interface NumberedLine {
  readonly text: string
  readonly number: number
}

/** The largest number of reported problems: a lost log would cause one for each line. */
const problemsMax = 20

/**
 * @param confirmed lines that the server has confirmed, in the order in which they were said
 * @param kept the lines in the history, oldest first
 * @returns sentences about the problems
 */
export function problemsOf(confirmed: readonly NumberedLine[], kept: readonly NumberedLine[]): string[] {
  const problems: string[] = []
  const places = new Map<string, NumberedLine[]>()
  for (const line of kept) places.set(line.text, [...(places.get(line.text) ?? []), line])
  for (const { text, number } of confirmed) {
    const found = places.get(text) ?? []
    const numbers = found.map((line) => line.number).join(', ')
    if (found.length === 0) problems.push(`"${text}" was confirmed as ${number} and is not there`)
    else if (found.length > 1) problems.push(`"${text}" is there ${found.length} times: ${numbers}`)
    else if (found[0]?.number !== number)
      problems.push(`"${text}" was confirmed as ${number} and is ${numbers}`)
  }
  for (const [index, { text, number }] of kept.entries()) {
    const before = kept[index - 1]
    if (before !== undefined && before.number >= number)
      problems.push(`"${text}" (${number}) stands behind ${before.number}`)
  }
  const order = new Map(confirmed.map(({ text }, index) => [text, index]))
  const indexes = kept.flatMap(({ text }) => order.get(text) ?? [])
  if (indexes.some((index, at) => index < (indexes[at - 1] ?? 0)))
    problems.push('lines are kept in another order than they were said in')
  for (const text of places.keys())
    if (!order.has(text)) problems.push(`"${text}" is there and was never confirmed`)
  return problems.slice(0, problemsMax)
}
