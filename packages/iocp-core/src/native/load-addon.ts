import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { NativeAddon } from './native.ts'

/** Names an addon file to load instead of the built one, for instance one built with sanitizers. */
const addonVariable = 'FRAMEPORT_ADDON'

export type LoadedAddon =
  | { readonly addon: NativeAddon }
  | { readonly reason: string; readonly fix: string; readonly cause?: unknown }

let loaded: LoadedAddon | undefined

/** The addon for this system, or why there is none. Looked for once per process (and thread). */
export function loadAddon(): LoadedAddon {
  loaded ??= load()
  return loaded
}

function load(): LoadedAddon {
  try {
    const addon = requireAddon()
    if (addon !== undefined) return { addon }
  } catch (cause) {
    return absent(cause)
  }
  return {
    reason: `no addon is made for ${process.platform}-${process.arch}`,
    fix: "Use backend 'auto' or 'net'.",
  }
}

/** One literal per platform, so that a bundler can see what may be loaded. */
function requireAddon(): NativeAddon | undefined {
  const require = createRequire(import.meta.url)
  const named = process.env[addonVariable]
  if (named !== undefined && named !== '') return require(named) as NativeAddon
  // By its own name, because sources and the bundle lie at different depths.
  const folder = dirname(require.resolve('@frameport/iocp-core/package.json'))
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return require(join(folder, 'build/linux-x64/frameport.node')) as NativeAddon
    case 'linux-arm64':
      return require(join(folder, 'build/linux-arm64/frameport.node')) as NativeAddon
    default:
      return undefined
  }
}

function absent(cause: unknown): LoadedAddon {
  const code = (cause as { code?: unknown } | null)?.code
  if (code === 'MODULE_NOT_FOUND') {
    return {
      reason: 'the addon was not built (no C++ compiler when the package was installed)',
      fix: 'Install g++ and run: node packages/iocp-core/scripts/build-addon.mjs',
      cause,
    }
  }
  const text = cause instanceof Error ? cause.message : String(cause)
  return {
    reason: `the addon was found and could not be loaded: ${text}`,
    fix: 'Build it again on this machine: node packages/iocp-core/scripts/build-addon.mjs --force',
    cause,
  }
}
