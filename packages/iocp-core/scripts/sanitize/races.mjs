// Which reports of ThreadSanitizer are ours. Node, V8 and libuv are not instrumented: their atomics and their own locks
// are invisible, so that it reports pairs of accesses that are ordered (destroying a mutex that another thread has left,
// freeing a message that another thread has read). Nothing of the addon is in the stacks of such a report. Ours are those
// that name the addon in any of their stacks: where a thread accessed, allocated or was started.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const addonFile = 'frameport.node'

/** All reports under this prefix (one file for each process), split into ours and Node's own. */
export function racesIn(reportPrefix) {
  const reports = filesOf(reportPrefix).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('==================')
      .filter((text) => text.includes('WARNING: ThreadSanitizer')),
  )
  const ours = reports.filter((text) => text.includes(addonFile))
  return { ours, ofNode: reports.length - ours.length }
}

function filesOf(prefix) {
  const folder = dirname(prefix)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(prefix)}.`))
    .map((name) => join(folder, name))
}
