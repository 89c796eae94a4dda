import { spawnSync } from 'node:child_process'
import type { CostFigure } from '../costs.ts'
import { compiler } from './instructions.ts'

/** Programs that a figure needs, with the Debian package of each. */
const toolsOf: Readonly<Record<CostFigure, readonly (readonly [tool: string, debianPackage: string])[]>> = {
  bytes: [],
  'system-calls': [['strace', 'strace']],
  instructions: [
    [compiler, 'g++'],
    ['valgrind', 'valgrind'],
  ],
}

/**
 * Checked before anything is measured: a figure that is silently omitted is not guarded.
 *
 * @throws Error that names the Debian packages
 */
export function requireTools(
  figures: readonly CostFigure[],
  isHere: (tool: string) => boolean = (tool) =>
    spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined,
): void {
  const problems = figures.flatMap((figure) => {
    const missing = toolsOf[figure].filter(([tool]) => !isHere(tool))
    return missing.map(
      ([tool, debianPackage]) =>
        `${figure}: ${tool} is not here. Install the Debian package ${debianPackage}, or leave the figure out with --without ${figure}.`,
    )
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
}
