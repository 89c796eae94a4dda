import nodeModule from 'node:module'
import { dirname } from 'node:path'

// The default export, because webpack replaces an imported `createRequire` by `undefined` where it cannot know the place.

/** Where this package lies, with a `require` that finds it; or what the last attempt to find it threw. */
export type PackageSearch =
  | { readonly folder: string; readonly require: NodeJS.Require }
  | { readonly error: unknown }

/**
 * Finds this package by its own name, because sources, build and bundle lie at different depths. Never throws. A bundle
 * to CommonJS has `__filename` and an empty `import.meta`; one made by webpack has the URL of the machine it was made on.
 */
export function findPackage(): PackageSearch {
  let error: unknown
  for (const from of [import.meta.url, typeof __filename === 'string' ? __filename : undefined]) {
    if (from === undefined) continue
    try {
      const require = nodeModule.createRequire(from)
      return { folder: dirname(require.resolve('@frameport/iocp-core/package.json')), require }
    } catch (thrown) {
      error = thrown
    }
  }
  return { error }
}

/** A `require` for one file by its absolute path. */
export function requireOf(file: string): NodeJS.Require {
  return nodeModule.createRequire(file)
}
