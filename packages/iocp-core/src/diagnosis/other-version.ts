import type { BackendRefusal } from '../contract/backend-note.ts'

/** An addon of another version may lack what this package calls, or do it otherwise: it is not loaded. */
export function otherVersion(
  name: string,
  versions: { readonly own: unknown; readonly its: unknown },
): BackendRefusal {
  return {
    cause: 'addon_outdated',
    reason: `${name} has the version ${versions.its}, and @frameport/iocp-core has ${versions.own}: they belong together`,
    fix: `Install both in the same version: npm install @frameport/iocp-core@${versions.own}. An override or a lock file that was edited may hold ${name} back. A bundle keeps the version that it was made with.`,
  }
}
