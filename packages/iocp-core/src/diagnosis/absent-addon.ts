import type { BackendRefusal } from '../contract/backend-note.ts'
import type { MachineFacts } from './machine-facts.ts'
import { factsOf, missingPermission, textOf } from './missing-permission.ts'

/** The details of an addon that could not be loaded. */
export interface AddonSearch {
  /** The path of the addon; undefined if none is made for this system. */
  readonly file: string | undefined
  /** Set when the variable FRAMEPORT_ADDON names the file. */
  readonly named: boolean
  /** The package for this system, if the addon was looked for in a package. */
  readonly packageName?: string
  /** The value that loading it threw. */
  readonly error?: unknown
  /** The script that builds it, in a clone; absent from the published package. */
  readonly buildScript: string | undefined
}

type MachineKind = Pick<MachineFacts, 'platform' | 'arch' | 'libc'>

/** Derives the likely cause and the fix from the way in which the addon could not be loaded. */
export function absentAddon(search: AddonSearch, machine: MachineKind): BackendRefusal {
  const { file, named, error } = search
  if (file === undefined) return notMade(machine)
  // Some package managers install the package for another C library.
  if (search.packageName !== undefined && machine.libc === 'musl') return notMade(machine)
  const forbidden = missingPermission(error, file)
  if (forbidden !== undefined) return forbidden
  if (factsOf(error).code === 'MODULE_NOT_FOUND') return named ? namedInVain(file) : notThere(search, machine)
  return notLoadable(search)
}

const elsewhere = "Nothing is wrong: this system uses the back end 'net', which 'auto' selects."

function notMade({ platform, arch, libc }: MachineKind): BackendRefusal {
  return {
    cause: 'no_addon',
    reason: `there is no native addon for ${platform}-${arch}${libc === 'musl' ? ' with musl' : ''}`,
    fix: elsewhere,
  }
}

function namedInVain(file: string): BackendRefusal {
  return {
    cause: 'no_addon',
    reason: `FRAMEPORT_ADDON names ${file}, which does not exist`,
    fix: 'Correct the variable, or unset it.',
  }
}

function notThere({ buildScript, packageName }: AddonSearch, machine: MachineKind): BackendRefusal {
  if (packageName !== undefined) return notInstalled(packageName)
  const { platform } = machine
  if (buildScript === undefined) return notMade(machine)
  return {
    cause: 'no_addon',
    reason:
      platform === 'win32'
        ? 'the addon was not copied here'
        : 'the addon was not built: npm found no C++ compiler during installation, or did not run scripts',
    fix: buildAdvice(machine, buildScript),
  }
}

function notInstalled(packageName: string): BackendRefusal {
  return {
    cause: 'no_addon',
    reason: `${packageName}, the package with the native addon for this system, is not installed`,
    fix: `Install again with optional dependencies. npm omits the package with --omit=optional, and if package-lock.json was written on another system: in that case, remove package-lock.json and node_modules first. Until then 'net' works.`,
  }
}

/** How to build it in a clone, whose script for this system is `buildScript`. */
function buildAdvice({ platform, libc }: MachineKind, buildScript: string): string {
  if (platform === 'win32') {
    const script = buildScript.replace('build-addon', 'build-windows')
    return `It is compiled on Linux: run node ${script} there, and copy build/win32-x64/frameport.node to this clone.`
  }
  return `Install g++${libc === 'musl' ? ' (apk add g++ linux-headers)' : ''} and run: node ${buildScript}`
}

/** The message of the system's loader, and its meaning. */
const loaderTexts: readonly { readonly text: RegExp; readonly means: string; readonly rebuild: boolean }[] = [
  { text: /GLIBC(XX)?_[\d.]+.* not found/, means: 'it was built for a newer C library', rebuild: true },
  {
    text: /ld-linux|ld-musl|libc\.musl|symbol not found/i,
    means: 'it was built for another C library',
    rebuild: true,
  },
  {
    text: /wrong ELF class|invalid ELF header|cannot open shared object.*machine|not a valid Win32 application|incompatible architecture/i,
    means: 'it is not an addon for this processor and system, or the file is incomplete',
    rebuild: true,
  },
  {
    text: /failed to map segment|Operation not permitted|Permission denied/i,
    means: 'its file system (noexec) or its permissions forbid running code',
    rebuild: false,
  },
]

function notLoadable({ file, error, buildScript }: AddonSearch): BackendRefusal {
  const said = textOf(error)
  const known = loaderTexts.find(({ text }) => text.test(said))
  const because = known === undefined ? '' : `, because ${known.means}`
  const rebuild =
    buildScript === undefined
      ? `Install the package again. If that does not help, build the addon in a clone on this machine, and name the file in FRAMEPORT_ADDON. Until then 'net' works.`
      : `Build it again on this machine: node ${buildScript} --force`
  return {
    cause: 'addon_broken',
    reason: `the addon was found but could not be loaded${because}: ${said}`,
    fix:
      known?.rebuild === false
        ? `Move ${file} to a file system that allows running code, or mount its file system with exec.`
        : rebuild,
  }
}
