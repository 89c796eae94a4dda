import { accessSync, constants } from 'node:fs'
import type { BackendRefusal } from '../contract/backend-note.ts'

/** Members that an error of any runtime may have; none is guaranteed. */
export interface ErrorFacts {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  /** Of Node's ERR_ACCESS_DENIED: `FileSystemRead`. */
  readonly permission?: unknown
}

/** The known details of an error, whatever was thrown. */
export function factsOf(error: unknown): ErrorFacts {
  return typeof error === 'object' && error !== null ? error : { message: error }
}

/** The text of a thrown value, in one line. */
export function textOf(error: unknown): string {
  const { message } = factsOf(error)
  return typeof message === 'string' ? message.trim() : String(error)
}

/** The cause and the fix, if a permission, or disabled addons, explain the error. */
export function missingPermission(error: unknown, file: string | undefined): BackendRefusal | undefined {
  const { name, code, permission } = factsOf(error)
  if (code === 'ERR_DLOPEN_DISABLED') return hasPermissionModel() ? addonsNotAllowed() : addonsDisabled()
  if (code === 'ERR_ACCESS_DENIED') {
    return refusalOf(
      `the permission model of Node.js forbids ${permission === undefined ? 'it' : String(permission)} of ${file ?? 'the folder of @frameport/iocp-core'}`,
      'Start node with --allow-addons, and with --allow-fs-read of that place.',
    )
  }
  if (name === 'NotCapable') {
    return refusalOf(
      `a permission of Deno is missing: ${textOf(error)}`,
      'Start deno with --allow-ffi --allow-read --allow-env --allow-sys (or -A).',
    )
  }
  if (file !== undefined && (code === 'MODULE_NOT_FOUND' || isDeniedByLoader(error)) && mayNotRead(file)) {
    return refusalOf(
      `this user may not read ${file}`,
      'Give this user permission to read the file and to enter each folder above it.',
    )
  }
  return undefined
}

/** `process.permission` (Node 20) exists only while the permission model is in force. */
function hasPermissionModel(): boolean {
  return 'permission' in process && process.permission !== undefined
}

function addonsNotAllowed(): BackendRefusal {
  return refusalOf('the permission model of Node.js forbids addons', 'Also start node with --allow-addons.')
}

function addonsDisabled(): BackendRefusal {
  return {
    cause: 'addons_disabled',
    reason: 'Node.js was started without addons (--no-addons)',
    fix: 'Start it, or this worker thread, without --no-addons (also in NODE_OPTIONS and execArgv).',
  }
}

function refusalOf(reason: string, fix: string): BackendRefusal {
  return { cause: 'no_permission', reason, fix }
}

/** The words of dlopen(3) for EACCES on the file itself; the same words on its segments mean noexec. */
function isDeniedByLoader(error: unknown): boolean {
  return /cannot open shared object file: Permission denied/.test(textOf(error))
}

/** Node reports a file in a folder without access as missing; the file itself shows the difference. */
function mayNotRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return false
  } catch (error) {
    const { code, name } = factsOf(error)
    return code === 'EACCES' || code === 'EPERM' || code === 'ERR_ACCESS_DENIED' || name === 'NotCapable'
  }
}
