/** A name in a program that a comment below its line requests: `// ^ client, line#2` (the second `line` there). */
export interface Mark {
  /** As in the comment. */
  readonly name: string
  /** Starting at 1. */
  readonly line: number
  readonly position: number
}

/**
 * The names that the comments of a program request. A comment that requests a name which its line does not have is an
 * error.
 */
export function marksOf(file: string, text: string): readonly Mark[] {
  const lines = text.split('\n')
  const marks: Mark[] = []
  let start = 0
  for (const [index, line] of lines.entries()) {
    const asked = /^\s*\/\/ \^ (.+)$/.exec(lines[index + 1] ?? '')?.[1]
    for (const mark of asked?.split(', ') ?? []) {
      const [name = '', nth = '1'] = mark.split('#')
      const word = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g')
      const column = [...line.matchAll(word)][Number(nth) - 1]?.index
      if (column === undefined) throw new Error(`${file}:${index + 1} has no ${mark}`)
      marks.push({ name: mark, line: index + 1, position: start + column })
    }
    start += line.length + 1
  }
  return marks
}
