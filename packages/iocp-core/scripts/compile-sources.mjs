import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, relative, sep } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const changedAt = (file) => statSync(file).mtimeMs

export function newest(files) {
  return Math.max(...files.map(changedAt))
}

/** Every header under a folder: whatever a source may include. */
export function headersUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return headersUnder(join(folder, entry.name))
    return entry.name.endsWith('.h') ? [join(folder, entry.name)] : []
  })
}

/**
 * Compiles what is older than its source or than anything all sources share. Writes under another name first, so that
 * nobody ever sees half a file. Returns the object files, in the order of the sources.
 */
export async function compileSources({ compiler, flags, root, sources, sharedInputs, objectFolder, force }) {
  mkdirSync(objectFolder, { recursive: true })
  const sharedChange = newest(sharedInputs)
  const jobs = sources.map((source) => ({
    source,
    object: join(objectFolder, `${relative(root, source).split(sep).join('-')}.o`),
  }))
  const stale = jobs.filter(
    ({ source, object }) =>
      force || !existsSync(object) || changedAt(object) < Math.max(sharedChange, changedAt(source)),
  )
  const work = async () => {
    for (let job = stale.shift(); job !== undefined; job = stale.shift()) {
      const fresh = `${job.object}.${process.pid}`
      await run(compiler, [...flags, '-c', job.source, '-o', fresh])
      renameSync(fresh, job.object)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(4, cpus().length)) }, work))
  return jobs.map(({ object }) => object)
}
