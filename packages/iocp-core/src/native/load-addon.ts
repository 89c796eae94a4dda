import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { BackendRefusal } from '../contract/backend-note.ts'
import { type AddonSearch, absentAddon } from '../diagnosis/absent-addon.ts'
import { readMachineFacts } from '../diagnosis/machine-facts.ts'
import type { NativeAddon } from './native.ts'

/** Names an addon file to load instead of the built one, for instance one built with sanitizers. */
const addonVariable = 'FRAMEPORT_ADDON'

export type LoadedAddon =
  | { readonly addon: NativeAddon; readonly file: string }
  | { readonly refusal: BackendRefusal }

let loaded: LoadedAddon | undefined

/** The addon for this system, or why there is none. Looked for once per process (and thread). */
export function loadAddon(): LoadedAddon {
  loaded ??= load()
  return loaded
}

const require = createRequire(import.meta.url)

function load(): LoadedAddon {
  // By its own name, because sources and the bundle lie at different depths.
  const folder = dirname(require.resolve('@frameport/iocp-core/package.json'))
  const named = process.env[addonVariable] || undefined
  const file = named ?? join(folder, 'build', `${process.platform}-${process.arch}`, 'frameport.node')
  try {
    const addon = named === undefined ? requireBuilt(folder) : (require(named) as NativeAddon)
    return addon === undefined ? absent(folder, { file: undefined, named: false }) : { addon, file }
  } catch (error) {
    return absent(folder, { file, named: named !== undefined, error: error as AddonSearch['error'] })
  }
}

function absent(folder: string, search: Omit<AddonSearch, 'buildScript'>): LoadedAddon {
  const script = join(folder, 'scripts/build-addon.mjs')
  const buildScript = existsSync(script) ? script : undefined
  return { refusal: absentAddon({ ...search, buildScript }, readMachineFacts()) }
}

/** One literal per platform, so that a bundler can see what may be loaded. */
function requireBuilt(folder: string): NativeAddon | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return require(join(folder, 'build/linux-x64/frameport.node')) as NativeAddon
    case 'linux-arm64':
      return require(join(folder, 'build/linux-arm64/frameport.node')) as NativeAddon
    case 'win32-x64':
      return require(join(folder, 'build/win32-x64/frameport.node')) as NativeAddon
    default:
      return undefined
  }
}
