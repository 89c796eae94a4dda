import nodeModule from 'node:module'
import { dirname } from 'node:path'

// The default export, because webpack replaces an imported `createRequire` by `undefined` if it cannot determine the location.

/** What was found from the location of this code. */
export interface PackageSearch {
  /** Finds packages from that location. Undefined if the runtime does not report which file it runs. */
  readonly require: NodeJS.Require | undefined
  /** The location of this package. Undefined for a bundle without the package beside it. */
  readonly folder: string | undefined
  /** The value that the search threw. */
  readonly error?: unknown
}

/** Finds this package by its own name, because sources, build and bundle lie at different depths. Never throws. */
export function findPackage(): PackageSearch {
  let require: NodeJS.Require | undefined
  try {
    // The file that runs, not the one it was built from: webpack replaces import.meta.url by the URL on the machine that
    // made the bundle. A bundle to CommonJS has `__filename` and an empty import.meta.
    const file = import.meta.filename ?? (typeof __filename === 'string' ? __filename : import.meta.url)
    if (file === undefined) return { require, folder: undefined }
    require = nodeModule.createRequire(file)
    return { require, folder: dirname(require.resolve('@frameport/iocp-core/package.json')) }
  } catch (error) {
    return { require, folder: undefined, error }
  }
}

/** A `require` for one file by its absolute path. */
export function requireOf(file: string): NodeJS.Require {
  return nodeModule.createRequire(file)
}
