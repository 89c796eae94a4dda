import { randomUUID } from 'node:crypto'
import { linkSync, lstatSync, renameSync, statSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname } from 'node:path'
import type { Endpoint } from '../endpoint/endpoint.ts'

/** The file that a listener made: by the time it closes, the path may name one of somebody else. */
export interface BoundFile {
  readonly path: string
  readonly dev: bigint
  readonly ino: bigint
}

/** Looked at right after the bind. Undefined when there is none: TCP, or a named pipe of Windows. */
export function boundFile(endpoint: Endpoint): BoundFile | undefined {
  if (endpoint.kind !== 'unix' || process.platform === 'win32') return undefined
  const { path } = endpoint
  const found = fileAt(path)
  return found === undefined ? undefined : { path, ...found }
}

/**
 * Closes a server of node:net. libuv then unlinks the path it was bound to, whatever is there (uv__pipe_close), so a
 * file of somebody else is moved out of the way for the length of this call.
 */
export function closeServer(server: Server, bound: BoundFile | undefined): void {
  const aside = bound === undefined ? undefined : moveAside(bound)
  server.close()
  if (bound !== undefined && aside !== undefined) putBack(aside, bound.path)
}

/**
 * The name of the error that the system gave for a bind. For a folder that does not exist libuv says EACCES instead,
 * as Windows does (uv_pipe_bind2).
 */
export function bindErrorName(systemCode: string, endpoint: Endpoint): string {
  if (systemCode !== 'EACCES' || endpoint.kind !== 'unix') return systemCode
  try {
    statSync(dirname(endpoint.path))
    return systemCode
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'ENOENT' : systemCode
  }
}

function fileAt(path: string): { readonly dev: bigint; readonly ino: bigint } | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true })
    return { dev, ino }
  } catch {
    return undefined
  }
}

function moveAside({ path, dev, ino }: BoundFile): string | undefined {
  const found = fileAt(path)
  if (found === undefined || (found.dev === dev && found.ino === ino)) return undefined
  const aside = `${path}-${randomUUID()}`
  try {
    renameSync(path, aside)
    return aside
  } catch {
    // Gone meanwhile, or a folder in which nothing may be removed: libuv cannot do it either.
    return undefined
  }
}

/** A file that got the path meanwhile is younger, and stays. */
function putBack(aside: string, path: string): void {
  try {
    linkSync(aside, path)
    unlinkSync(aside)
  } catch (error) {
    // Where nothing can be linked a second time: a folder, or a file of somebody else (proc(5), protected_hardlinks).
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') unlinkSync(aside)
    else renameSync(aside, path)
  }
}
