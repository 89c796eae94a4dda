import { readFileSync } from 'node:fs'

/** Who has ended: the shell that npm runs scripts in (npm was told to stop it), or npm itself, unasked. */
export type GoneParent = 'shell' | 'npm'

const pollIntervalMs = 250

/**
 * npm runs a script in a shell that hands no signal on: whoever stops `npm start` from outside would leave the
 * program running, its port taken. So a program that npm runs looks whether its parents are still there. One
 * that npm does not run never looks: `nohup node …` outlives its terminal as it should.
 */
export function watchNpm(gone: (parent: GoneParent) => void): void {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return
  const shell = process.ppid
  const npm = parentOf(shell)
  const timer = setInterval(() => {
    const parent = process.ppid !== shell ? 'shell' : parentOf(shell) !== npm ? 'npm' : undefined
    if (parent === undefined) return
    clearInterval(timer)
    gone(parent)
  }, pollIntervalMs)
  timer.unref()
}

/** Linux tells; elsewhere only the shell is watched. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // "pid (name) state ppid …": the name may hold blanks and parentheses.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
