import ts from 'typescript'
import { entryFiles, exportedSymbols, programOf } from './public-entries.ts'

/** The exports of one entry of a package. */
export interface PublicEntry {
  /** `@frameport/client/tcp`, with its condition if it has one: `@frameport/client (browser)`. */
  readonly name: string
  readonly exports: readonly PublicName[]
}

interface PublicName {
  readonly name: string
  /** Its kind and its types, as a declaration without comments. */
  readonly text: string
}

/** The entries of packages by the package's folder, each with everything that it exports. */
export function publicEntries(folders: readonly string[]): ReadonlyMap<string, readonly PublicEntry[]> {
  const files = new Map(folders.map((folder) => [folder, entryFiles(folder)]))
  const program = programOf([...files.values()].flat())
  return new Map(
    [...files].map(([folder, entries]) => [
      folder,
      entries.map(({ name, file }) => ({ name, exports: exportsOf(program, file) })),
    ]),
  )
}

function exportsOf(program: ts.Program, file: string): PublicName[] {
  const checker = program.getTypeChecker()
  return [...exportedSymbols(program, file)]
    .map(([name, symbol]) => ({ name, text: declarationOf(checker, symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed })
const typeFlags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

/** Shows types as they are declared, and values with the types that the compiler finds for them. */
function declarationOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const texts = (symbol.declarations ?? []).flatMap((node) => {
    if (ts.isClassDeclaration(node)) return [classText(checker, symbol, node)]
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return [printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/^export /, '')]
    if (ts.isVariableDeclaration(node)) return [`const ${symbol.name}: ${typeText(checker, symbol, node)}`]
    return []
  })
  const type = symbol.valueDeclaration && checker.getTypeOfSymbol(symbol)
  if (type !== undefined && symbol.flags & ts.SymbolFlags.Function)
    texts.push(
      ...type.getCallSignatures().map((one) => `function ${symbol.name}${signatureText(checker, one)}`),
    )
  if (texts.length === 0) throw new Error(`${symbol.name} is of a kind that is not shown yet.`)
  return texts.join('\n')
}

function classText(checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.ClassDeclaration): string {
  const parent = node.heritageClauses?.map((clause) => ` ${clause.getText()}`).join('') ?? ''
  const generics = node.typeParameters?.map(written).join(', ')
  const made = checker.getTypeOfSymbol(symbol).getConstructSignatures()
  const members = node.members.flatMap((member) => {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
    if (ts.getCombinedModifierFlags(member) & hidden) return []
    const name = member.name
    const own = name && ts.isIdentifier(name) ? checker.getSymbolAtLocation(name) : undefined
    if (own === undefined || ts.isSetAccessor(member)) return []
    const still = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static ? 'static ' : ''
    if (ts.isMethodDeclaration(member)) {
      const signatures = checker.getTypeOfSymbol(own).getCallSignatures()
      return signatures.map((one) => `${still}${own.name}${signatureText(checker, one)}`)
    }
    const fixed = ts.isGetAccessor(member) || ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Readonly
    return [`${still}${fixed ? 'readonly ' : ''}${own.name}: ${typeText(checker, own, member)}`]
  })
  return [
    `class ${symbol.name}${generics === undefined ? '' : `<${generics}>`}${parent} {`,
    ...made.map((one) => `    new ${signatureText(checker, one)}`),
    ...new Set(members.map((member) => `    ${member}`)),
    '}',
  ].join('\n')
}

/** Shows an object without a named type by its members, without the contents of its texts. */
function typeText(checker: ts.TypeChecker, symbol: ts.Symbol, node: ts.Node): string {
  if ((ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) && node.type)
    return written(node.type)
  const type = checker.getTypeOfSymbolAtLocation(symbol, node)
  const members = ownMembers(type)
  if (members === undefined) return checker.typeToString(type, undefined, typeFlags)
  const lines = members.map((member) => {
    const below = checker.getTypeOfSymbol(member)
    const parts = ownMembers(below)?.map(
      (part) =>
        `${part.name}: ${checker.typeToString(checker.getBaseTypeOfLiteralType(checker.getTypeOfSymbol(part)))}`,
    )
    const text =
      parts === undefined ? checker.typeToString(below, undefined, typeFlags) : `{ ${parts.join('; ')} }`
    return `    ${member.name}: ${text}`
  })
  return `{\n${lines.join('\n')}\n}`
}

/** The members of an object type without a name; undefined for any other type. */
function ownMembers(type: ts.Type): readonly ts.Symbol[] | undefined {
  const unnamed = ts.SymbolFlags.TypeLiteral | ts.SymbolFlags.ObjectLiteral
  if (type.aliasSymbol !== undefined || type.getCallSignatures().length > 0) return undefined
  return type.symbol !== undefined && type.symbol.flags & unnamed ? type.getProperties() : undefined
}

/**
 * Shows types as in the source: the compiler resolves the names of unions, and their order changes with other files.
 */
function signatureText(checker: ts.TypeChecker, signature: ts.Signature): string {
  const node = signature.declaration
  if (node === undefined || ts.isJSDocSignature(node)) {
    return checker.signatureToString(signature, undefined, typeFlags)
  }
  const generics = node.typeParameters?.map(written).join(', ')
  const parameters = node.parameters.filter(ts.isParameter).map((one) => parameterText(checker, one))
  const result =
    node.type === undefined
      ? checker.typeToString(checker.getReturnTypeOfSignature(signature), undefined, typeFlags)
      : written(node.type)
  const start = `${generics === undefined ? '' : `<${generics}>`}(${parameters.join(', ')})`
  return ts.isConstructorDeclaration(node) ? start : `${start}: ${result}`
}

function parameterText(checker: ts.TypeChecker, node: ts.ParameterDeclaration): string {
  const rest = node.dotDotDotToken === undefined ? '' : '...'
  const name = ts.isIdentifier(node.name) ? node.name.text : 'options'
  const left = node.questionToken === undefined && node.initializer === undefined ? '' : '?'
  const type = node.type
    ? written(node.type)
    : checker.typeToString(checker.getTypeAtLocation(node), undefined, typeFlags)
  return `${rest}${name}${left}: ${type}`
}

/** A node in one line, without comments. */
function written(node: ts.Node): string {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()).replace(/\s+/g, ' ')
}
