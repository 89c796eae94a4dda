import type { CalledProcedure, Contract } from '@frameport/protocol'
import type { ProcedureEntry } from '@frameport/protocol/contract'

interface Tree {
  [name: string]: unknown
}

/** An object with a function for each procedure, nested as the contract nests them. */
export function procedureTree(
  contract: Contract,
  callFunction: (entry: ProcedureEntry, called: CalledProcedure) => unknown,
): Readonly<Tree> {
  const root: Tree = {}
  const groups = new Set<Tree>()
  for (const entry of contract.procedureEntries.values()) {
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

function calledProcedure(contract: Contract, entry: ProcedureEntry): CalledProcedure {
  const { path, fullName, callKind, procedure } = entry
  return Object.freeze({
    contract: contract.name,
    path,
    fullName,
    callKind,
    idempotent: procedure.idempotent,
  })
}
