import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import type { CalledProcedure } from '../contract/called-procedure.ts'

interface Tree {
  [name: string]: unknown
}

/** An object with a function for each procedure, nested as the contract nests them. */
export function procedureTree(
  contract: string,
  entries: Iterable<ProcedureEntry>,
  callFunction: (entry: ProcedureEntry, called: CalledProcedure) => unknown,
): Readonly<Tree> {
  const root: Tree = {}
  const groups = new Set<Tree>()
  for (const entry of entries) {
    const names = entry.path.split('.')
    const last = names.pop() as string
    let group = root
    for (const name of names) {
      group[name] ??= {}
      group = group[name] as Tree
      groups.add(group)
    }
    group[last] = callFunction(entry, calledProcedure(contract, entry))
  }
  for (const group of groups) Object.freeze(group)
  return root
}

function calledProcedure(contract: string, entry: ProcedureEntry): CalledProcedure {
  const { path, fullName, callKind, procedure } = entry
  return Object.freeze({
    contract,
    path,
    fullName,
    callKind,
    idempotent: procedure.idempotent,
  })
}
