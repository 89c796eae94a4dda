import type { BackendRefusal } from '../contract/backend-note.ts'
import { missingPermission, textOf } from './missing-permission.ts'

/** Why the package itself, and so its addon, cannot be found from where its code runs. */
export function packageNotFound(error: unknown): BackendRefusal {
  return (
    missingPermission(error, undefined) ?? {
      cause: 'bundled',
      reason: `the code runs from a bundle or a copy, and @frameport/iocp-core cannot be found from there${because(error)}`,
      fix: "Keep @frameport/iocp-core out of the bundle (esbuild and webpack: external) and install it beside; or copy its addon, and name that file in FRAMEPORT_ADDON. Until then 'net' works.",
    }
  )
}

function because(error: unknown): string {
  if (error === undefined) return ''
  const [line] = textOf(error).split('\n')
  return ` (${line})`
}
