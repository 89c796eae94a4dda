import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConformanceContext } from '../conformance-case.ts'

/** A path that nobody listens at: in a folder of its own, or the name of a pipe. */
export function unixPath(context: ConformanceContext): string {
  if (context.platform === 'win32') return `\\\\.\\pipe\\frameport-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
  context.cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'port.sock')
}
