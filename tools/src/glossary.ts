import { posix } from 'node:path'
import ts from 'typescript'

/** A name that the sources declare, and the file or folder that declares it. */
export interface DeclaredName {
  readonly name: string
  readonly place: string
}

/** The exported classes, interfaces and types of one file. */
export function exportedNames(file: string, text: string): DeclaredName[] {
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  return statements.flatMap((statement) => {
    const isNoun =
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement)
    if (!isNoun || statement.name === undefined) return []
    const exported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    return exported === true ? [{ name: statement.name.text, place: file }] : []
  })
}

/** The folders between `src/` and the files. */
export function folderNames(files: readonly string[]): DeclaredName[] {
  const places = new Set<string>()
  for (const file of files) {
    for (let folder = posix.dirname(file); folder.includes('/src/'); folder = posix.dirname(folder)) {
      places.add(folder)
    }
  }
  return [...places].map((place) => ({ name: posix.basename(place), place }))
}

/** `EnvelopeWriters` as `envelope`, `writer`: small letters, the singular. */
export function wordsOf(name: string): string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []
  return words.map((word) => singular(word.toLowerCase()))
}

/** Abbreviations and other singular words that end in an s. */
const initials = new Set(['tls', 'ws'])

function singular(word: string): string {
  if (initials.has(word)) return word
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x)es$/.test(word)) return word.slice(0, -2)
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word
}

/**
 * Returns the names whose noun is missing. The noun of a name is what remains when ordinary words are removed from its
 * end. It must end with an entry of the glossary.
 */
export function missingNouns(
  names: readonly DeclaredName[],
  entries: readonly string[],
  ordinary: ReadonlySet<string>,
): string[] {
  const known = new Set(entries.map((entry) => wordsOf(entry).join('')))
  return names.flatMap(({ name, place }) => {
    const noun = wordsOf(name)
    while (ordinary.has(noun.at(-1) ?? '')) noun.pop()
    if (noun.length === 0 || noun.some((_word, index) => known.has(noun.slice(index).join('')))) return []
    const candidates = new Set([noun.join(' '), noun.at(-1)])
    return [`${name} in ${place}: docs/glossary.md has no entry "${[...candidates].join('" or "')}"`]
  })
}

/** The words of the glossary's table, in its order. */
export function glossaryEntries(text: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  return rows.slice(1).map((row) => row.split('|')[1]?.trim() ?? '')
}

/** Entries that no text contains any longer, neither as words nor inside a name of code. */
export function unusedEntries(entries: readonly string[], texts: readonly string[]): string[] {
  const words = texts.map((text) => ` ${wordsOf(text).join(' ')} `).join('')
  return entries.filter((entry) => {
    const noun = wordsOf(entry)
    return !words.includes(` ${noun.join(' ')} `) && !words.includes(` ${noun.join('')} `)
  })
}
