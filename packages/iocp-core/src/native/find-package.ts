import nodeModule from 'node:module'
import { dirname } from 'node:path'

// The default export, because webpack replaces an imported `createRequire` by `undefined` where it cannot know the place.

/** What can be found from where this code runs. */
export interface PackageSearch {
  /** Finds packages from there. Undefined where a runtime does not say which file it runs. */
  readonly require: NodeJS.Require | undefined
  /** Where this package lies. Undefined for a bundle that has no such package beside it. */
  readonly folder: string | undefined
  /** What the search threw. */
  readonly error?: unknown
}

/** Finds this package by its own name, because sources, build and bundle lie at different depths. Never throws. */
export function findPackage(): PackageSearch {
  let require: NodeJS.Require | undefined
  try {
    // The file that runs, and not the one it was made of: webpack writes the URL of the machine that made the bundle for
    // import.meta.url. A bundle to CommonJS has `__filename` and an empty import.meta.
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
