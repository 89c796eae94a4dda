import { relative } from 'node:path'
import ts from 'typescript'
import { entryFiles, exportedSymbols, programOf } from './public-entries.ts'
import { repositoryRoot } from './repository.ts'

/** A public name, or a public member of one, that has no docstring. */
export interface MissingDocstring {
  /** `ClientOptions`, or `ClientOptions.auth` for a member. */
  readonly name: string
  /** Where it is declared, from the root of the repository: `packages/client/src/options.ts:12`. */
  readonly place: string
}

/**
 * Finds the names that users of a package can import and for which an editor shows no text.
 *
 * Each exported name needs a docstring, and so does each public member of an exported interface, class or object type. A docstring that is
 * inherited from an interface or a base class counts. A member whose type is one literal does not need one: it distinguishes the parts of a
 * union. A name that another package declares is counted there.
 *
 * @param folders of packages, from the root of the repository
 */
export function missingDocstrings(
  folders: readonly string[],
): ReadonlyMap<string, readonly MissingDocstring[]> {
  const entries = new Map(folders.map((folder) => [folder, entryFiles(folder)]))
  const program = programOf([...entries.values()].flat())
  return new Map(
    [...entries].map(([folder, files]) => {
      const symbols = new Set(files.flatMap(({ file }) => [...exportedSymbols(program, file).values()]))
      const missing = [...symbols].flatMap((symbol) => missingOf(program.getTypeChecker(), symbol, folder))
      return [folder, missing.sort((a, b) => inOrder.compare(a.place, b.place))]
    }),
  )
}

/** Sorts line 9 before line 10. */
const inOrder = new Intl.Collator('en', { numeric: true })

function missingOf(checker: ts.TypeChecker, symbol: ts.Symbol, folder: string): MissingDocstring[] {
  const here = (symbol.declarations ?? []).filter((node) => placeOf(node).startsWith(`${folder}/`))
  const [first] = here
  if (first === undefined) return []
  const name = isDocumented(checker, symbol) ? [] : [{ name: symbol.name, place: placeOf(first) }]
  const members = new Map(
    here
      .flatMap(membersOf)
      .flatMap((node) => (needsDocstring(checker, node) ? [[nameOf(node), node] as const] : [])),
  )
  return [
    ...name,
    ...[...members].map(([member, node]) => ({ name: `${symbol.name}.${member}`, place: placeOf(node) })),
  ]
}

function isDocumented(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  return symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '')
}

type Member = (ts.ClassElement | ts.TypeElement) & { readonly name: ts.PropertyName }

function membersOf(node: ts.Node): Member[] {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return named(node.members)
  if (ts.isClassDeclaration(node)) return named(node.members.filter(isPublic))
  if (ts.isTypeAliasDeclaration(node)) return membersOf(node.type)
  if (ts.isParenthesizedTypeNode(node)) return membersOf(node.type)
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) return node.types.flatMap(membersOf)
  return []
}

function named(members: readonly (ts.ClassElement | ts.TypeElement)[]): Member[] {
  return members.filter(hasName)
}

function hasName(member: ts.ClassElement | ts.TypeElement): member is Member {
  return member.name !== undefined && (ts.isIdentifier(member.name) || ts.isStringLiteral(member.name))
}

function isPublic(member: ts.ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  return !(ts.getCombinedModifierFlags(member) & hidden)
}

function needsDocstring(checker: ts.TypeChecker, member: Member): boolean {
  const symbol = checker.getSymbolAtLocation(member.name)
  if (symbol === undefined || isDocumented(checker, symbol)) return false
  return !(ts.isPropertySignature(member) && member.type !== undefined && ts.isLiteralTypeNode(member.type))
}

function nameOf({ name }: Member): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText()
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(node.getStart())
  return `${relative(repositoryRoot, source.fileName)}:${line + 1}`
}
