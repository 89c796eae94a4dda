import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

/**
 * The declarations that several packages repeat on purpose (for the reason, see docs/adr/0001-workspace.md), with these
 * packages. The copies must stay equal. A class may have `extraMembers` in one package that the others do not need.
 */
const copies: readonly {
  readonly name: string
  readonly packages: readonly string[]
  readonly extraMembers?: readonly string[]
}[] = [
  { name: 'onLateFailure', packages: ['framing', 'iocp-core'] },
  { name: 'Fifo', packages: ['framing', 'iocp-core'], extraMembers: ['length'] },
  { name: 'hintLimits', packages: ['iocp-core', 'protocol'] },
  { name: 'nearestName', packages: ['iocp-core', 'protocol'] },
  { name: 'editDistance', packages: ['iocp-core', 'protocol'] },
]

/** Declarations that exist in one package only. Others must import them. */
const standOnce = [
  'hasBrand',
  'abortQuietly',
  'callReporting',
  'peerText',
  'mayHaveRun',
  'wrongChoice',
  'realEnvironment',
  'backendNames',
  'backendChoices',
]

interface Declared {
  readonly package: string
  readonly text: string
}

const sources = repositoryFiles()
  .map((file) => ({ file, package: /^packages\/([^/]+)\/src\/.*\.ts$/.exec(file)?.[1] }))
  .filter((source): source is { file: string; package: string } => source.package !== undefined)
  .map((source) => ({ ...source, text: readRepositoryFile(source.file) }))

/** The declarations of a name at the top of the sources, without their comments and without `export`. */
function declarationsOf(name: string, extraMembers: readonly string[] = []): Declared[] {
  return sources
    .filter(({ text }) => text.includes(name))
    .flatMap(({ file, package: owner, text }) => {
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
      return source.statements
        .filter((statement) => declares(statement, name))
        .map((statement) => ({ package: owner, text: textOf(statement, source, extraMembers) }))
    })
    .sort((a, b) => (a.package < b.package ? -1 : 1))
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    return statement.name?.text === name
  }
  return (
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.some(
      (declaration) => ts.isIdentifier(declaration.name) && declaration.name.text === name,
    )
  )
}

function textOf(statement: ts.Statement, source: ts.SourceFile, extraMembers: readonly string[]): string {
  let text = statement.getText(source)
  if (ts.isClassDeclaration(statement)) {
    const extra = statement.members.filter((member) =>
      extraMembers.includes(member.name?.getText(source) ?? ''),
    )
    for (const member of extra) text = text.replace(member.getFullText(source), '')
  }
  return text.replace(/^export /, '')
}

describe('a declaration that several packages repeat', () => {
  it.each(copies)('has one text: $name', ({ name, packages, extraMembers }) => {
    const found = declarationsOf(name, extraMembers)
    expect(found.map((declared) => declared.package)).toEqual(packages)
    for (const { text } of found) expect(text).toBe(found[0]?.text)
  })

  it.each(standOnce)('is not %s', (name) => {
    expect(declarationsOf(name)).toHaveLength(1)
  })
})
