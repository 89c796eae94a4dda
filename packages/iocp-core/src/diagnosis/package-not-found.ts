import type { BackendRefusal } from '../contract/backend-note.ts'
import { missingPermission, textOf } from './missing-permission.ts'

/**
 * Explains why neither this package nor its addon can be found from the location of its code.
 *
 * @param addonPackage the package with the addon for this system; undefined if none is made
 */
export function packageNotFound(error: unknown, addonPackage: string | undefined): BackendRefusal {
  const installed = addonPackage === undefined ? '' : `, or ${addonPackage} alone,`
  return (
    missingPermission(error, undefined) ?? {
      cause: 'bundled',
      reason: `the code runs from a bundle or a copy, and @frameport/iocp-core cannot be found from there${because(error)}`,
      fix: `Install @frameport/iocp-core${installed} beside the bundle; or copy frameport.node from ${addonPackage ?? 'a build of it'}, and name the copy in FRAMEPORT_ADDON. Until then 'net' works.`,
    }
  )
}

function because(error: unknown): string {
  if (error === undefined) return ''
  const [line] = textOf(error).split('\n')
  return ` (${line})`
}
