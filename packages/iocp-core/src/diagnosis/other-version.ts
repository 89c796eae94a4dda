import type { BackendRefusal } from '../contract/backend-note.ts'

/** An addon of another version may lack functions that this package calls, or behave differently: it is not loaded. */
export function otherVersion(
  name: string,
  versions: { readonly own: unknown; readonly its: unknown },
): BackendRefusal {
  return {
    cause: 'addon_outdated',
    reason: `${name} has version ${versions.its}, but @frameport/iocp-core has version ${versions.own}: the two must be the same`,
    fix: `Install the same version of both: npm install @frameport/iocp-core@${versions.own}. An override or an edited lock file may hold ${name} back. A bundle keeps the version with which it was built.`,
  }
}
