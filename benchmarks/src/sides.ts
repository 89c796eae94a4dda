import { bundle } from './bundle.ts'
import type { GuardOptions } from './guard-options.ts'
import type { Program } from './program-pair.ts'
import { addonVariable, type Side } from './side.ts'
import { twin } from './verdict.ts'

/** The programs of one work on both sides. */
export interface Sides {
  readonly a: Program
  readonly b: Program
  /** A, a second time. */
  readonly twin: Program
}

/** Bundles the works over both checkouts. The same bundle serves both sides if only variables differ. */
export async function bundleSides({ a, b, works }: GuardOptions): Promise<(work: string) => Sides> {
  const ofA = await bundle('ours', a.folder, works)
  const ofB = await bundle('ours', b.folder, works)
  const program = (side: Side, file: string, name = side.name): Program => ({
    name,
    file,
    variables: { ...addonVariable(side), ...side.variables },
  })
  return (work) => ({
    a: program(a, ofA(work)),
    b: program(b, ofB(work)),
    twin: program(a, ofA(work), twin),
  })
}
