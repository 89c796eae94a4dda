import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BackendRefusal } from '../contract/backend-note.ts'
import { type AddonSearch, absentAddon } from '../diagnosis/absent-addon.ts'
import { readMachineFacts } from '../diagnosis/machine-facts.ts'
import { otherVersion } from '../diagnosis/other-version.ts'
import { packageNotFound } from '../diagnosis/package-not-found.ts'
import { readVariable } from '../platform/read-variable.ts'
import type { NativeAddon } from './addon-types.ts'
import { builtVersion } from './built-version.ts'
import { findPackage, type PackageSearch, requireOf } from './find-package.ts'
import { prebuiltPackage } from './prebuilt-package.ts'

/** Names an addon file to load instead of the built one, for instance one built with sanitizers. */
const addonVariable = 'FRAMEPORT_ADDON'

export type LoadedAddon =
  | { readonly addon: NativeAddon; readonly file: string }
  | { readonly refusal: BackendRefusal }

let loaded: LoadedAddon | undefined

/**
 * The addon for this system, or why it is missing. The search runs once per process (and thread) and never throws: a
 * program in a bundle, without permissions, or beside a broken file gets the back end `net`.
 */
export function loadAddon(): LoadedAddon {
  loaded ??= load()
  return loaded
}

function load(): LoadedAddon {
  try {
    const named = readVariable(addonVariable)
    return named === undefined ? loadBuilt(findPackage()) : loadNamed(resolve(named))
  } catch (error) {
    // No known error reaches this line. A runtime that refuses something new must not take `net` away, too.
    return absent({ file: 'the addon', named: false, error }, undefined)
  }
}

/** A file named by the variable does not need a package around it, so a bundle can name one. */
function loadNamed(file: string): LoadedAddon {
  try {
    return loadedFrom(file, requireOf(file)(file), undefined)
  } catch (error) {
    return absent({ file, named: true, error }, findPackage().folder)
  }
}

/** A clone has its own build; an installed package has the package for this system beside it. */
function loadBuilt(found: PackageSearch): LoadedAddon {
  const { folder, require } = found
  if (folder === undefined || require === undefined) return loadBeside(found)
  const file = join(folder, 'build', `${process.platform}-${process.arch}`, 'frameport.node')
  try {
    const addon = requireBuilt(folder, require)
    return addon === undefined
      ? absent({ file: undefined, named: false }, folder)
      : loadedFrom(file, addon, folder)
  } catch (error) {
    const own = absent({ file, named: false, error }, folder)
    if (buildScriptOf(folder) !== undefined) return own
    const installed = loadInstalled(folder, require)
    return 'addon' in installed || isNotFound(error) ? installed : own
  }
}

/** A bundle needs only the package with the addon beside it; this package is inside the bundle. */
function loadBeside({ require, error }: PackageSearch): LoadedAddon {
  const name = prebuiltPackage(process.platform, process.arch)
  // After any other error the next search would fail in the same way, and Deno would prompt its user again.
  const canBeThere = require !== undefined && name !== undefined && isNotFound(error)
  if (canBeThere && isInstalled(name, require)) return loadInstalled(undefined, require)
  return { refusal: packageNotFound(error, name) }
}

function isInstalled(name: string, require: NodeJS.Require): boolean {
  try {
    require.resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}

/** From the package that npm installs for this system. */
function loadInstalled(folder: string | undefined, require: NodeJS.Require): LoadedAddon {
  const name = prebuiltPackage(process.platform, process.arch)
  if (name === undefined) return absent({ file: undefined, named: false }, folder)
  try {
    const own = builtVersion ?? versionOf('@frameport/iocp-core', require)
    const its = versionOf(name, require)
    if (own !== its) return { refusal: otherVersion(name, { own, its }) }
    const addon = requirePrebuilt(require)
    return loadedFrom(require.resolve(name), addon, folder)
  } catch (error) {
    return absent({ file: name, named: false, packageName: name, error }, folder)
  }
}

function versionOf(name: string, require: NodeJS.Require): unknown {
  return (require(`${name}/package.json`) as { version?: unknown }).version
}

function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND'
}

function loadedFrom(file: string, value: unknown, folder: string | undefined): LoadedAddon {
  if (isAddon(value)) return { addon: value, file }
  const error = new Error(`${file} is a module, but not the addon`)
  return absent({ file, named: folder === undefined, error }, folder)
}

function isAddon(value: unknown): value is NativeAddon {
  if (typeof value !== 'object' || value === null) return false
  const { backends, probe } = value as Partial<NativeAddon>
  return Array.isArray(backends) && typeof probe === 'function'
}

function absent(search: Omit<AddonSearch, 'buildScript'>, folder: string | undefined): LoadedAddon {
  return { refusal: absentAddon({ ...search, buildScript: buildScriptOf(folder) }, readMachineFacts()) }
}

/** The build script of a clone, if it exists and may be seen. */
function buildScriptOf(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined
  const script = join(folder, 'scripts/build-addon.mjs')
  try {
    return existsSync(script) ? script : undefined
  } catch {
    return undefined
  }
}

/** The same for packages that contain an addon; prebuilt-package.ts lists them. */
function requirePrebuilt(require: NodeJS.Require): unknown {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return require('@frameport/iocp-core-linux-x64-gnu')
    case 'linux-arm64':
      return require('@frameport/iocp-core-linux-arm64-gnu')
    case 'win32-x64':
      return require('@frameport/iocp-core-win32-x64')
    default:
      return undefined
  }
}

/** One literal per platform, so that a bundler sees what may be loaded. */
function requireBuilt(folder: string, require: NodeJS.Require): unknown {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return require(join(folder, 'build/linux-x64/frameport.node'))
    case 'linux-arm64':
      return require(join(folder, 'build/linux-arm64/frameport.node'))
    case 'win32-x64':
      return require(join(folder, 'build/win32-x64/frameport.node'))
    default:
      return undefined
  }
}
