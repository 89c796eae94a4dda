import ts from 'typescript'

/** Types whose objects callers create. */
const givenByCallers = /(Options|Limits|Details|AcceptedFrom)$/

/**
 * Optional members of option types that do not accept `undefined`. With `exactOptionalPropertyTypes`, a caller could not pass on an
 * option that may be absent: `{ deadlineMs: given.deadlineMs }` would not compile.
 *
 * @param declarations of one entry, as `publicEntries` gives them
 * @returns `ClientOptions.auth`, one for each
 */
export function membersWithoutUndefined(
  declarations: readonly { readonly name: string; readonly text: string }[],
): string[] {
  return declarations
    .filter(({ name }) => givenByCallers.test(name))
    .flatMap(({ name, text }) => forgottenIn(text).map((member) => `${name}.${member}`))
}

function forgottenIn(text: string): string[] {
  const forgotten: string[] = []
  const source = ts.createSourceFile('declaration.ts', text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    // The caller does not create the arguments and results of a callback.
    if (ts.isFunctionTypeNode(node) || ts.isMethodSignature(node)) return
    const isOptional = (ts.isPropertySignature(node) || ts.isMappedTypeNode(node)) && hasQuestionMark(node)
    if (isOptional && !takesUndefined(node.type)) forgotten.push(nameOf(node))
    if (ts.isTypeReferenceNode(node) && node.typeName.getText() === 'Partial') forgotten.push(node.getText())
    ts.forEachChild(node, visit)
  }
  visit(source)
  return forgotten
}

function hasQuestionMark({ questionToken }: ts.PropertySignature | ts.MappedTypeNode): boolean {
  return questionToken !== undefined && questionToken.kind !== ts.SyntaxKind.MinusToken
}

function nameOf(node: ts.PropertySignature | ts.MappedTypeNode): string {
  return ts.isPropertySignature(node) ? node.name.getText() : node.typeParameter.getText()
}

function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return true
  if (ts.isUnionTypeNode(type)) return type.types.some(takesUndefined)
  return type.kind === ts.SyntaxKind.UndefinedKeyword || type.kind === ts.SyntaxKind.UnknownKeyword
}
