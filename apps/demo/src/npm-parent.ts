import { readFileSync } from 'node:fs'

/** The parent that has ended: the shell in which npm runs scripts (npm was asked to stop it), or npm itself. */
export type GoneParent = 'shell' | 'npm'

const pollIntervalMs = 250

/**
 * npm runs a script in a shell that does not pass signals on: a signal to `npm start` would leave the program running
 * and its port in use. A program started by npm therefore checks whether its parents still exist. Without npm there is
 * no check: `nohup node …` outlives its terminal as it should.
 */
export function watchNpm(onGone: (parent: GoneParent) => void): void {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return
  const shell = process.ppid
  const npm = parentOf(shell)
  const timer = setInterval(() => {
    const parent = process.ppid !== shell ? 'shell' : parentOf(shell) !== npm ? 'npm' : undefined
    if (parent === undefined) return
    clearInterval(timer)
    onGone(parent)
  }, pollIntervalMs)
  timer.unref()
}

/** Only Linux has this file; on other systems only the shell is watched. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // "pid (name) state ppid …": the name may contain blanks and parentheses.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
