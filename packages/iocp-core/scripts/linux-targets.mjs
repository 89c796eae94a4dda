// The systems with Linux for which an addon is made: how the compiler of each is called, and what it is told.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { nativeFolder, prefixMap } from './addon-variants.mjs'

/** `machine` is what `-dumpmachine` of its compiler begins with. */
const processors = {
  x64: { machine: 'x86_64-', cross: 'x86_64-linux-gnu-g++', debian: 'g++-x86-64-linux-gnu' },
  arm64: { machine: 'aarch64-', cross: 'aarch64-linux-gnu-g++', debian: 'g++-aarch64-linux-gnu' },
}

/** What `--target` takes: a package is made of each. */
export const linuxTargets = { 'linux-x64-gnu': 'x64', 'linux-arm64-gnu': 'arm64' }

/**
 * The compiler that makes addons for `arch`, and whether it links against glibc. The first that is there of CXX, those
 * of this machine where it has that processor, and the cross compiler of Debian.
 *
 * @throws Error with a sentence for people when none is there, or when CXX compiles for another processor
 */
export function findCompiler(arch) {
  const { machine, cross, debian } = processors[arch] ?? {}
  const named = process.env.CXX
  const own = arch === process.arch ? ['g++', 'clang++'] : []
  for (const name of named ? [named] : [...own, cross].filter(Boolean)) {
    const made = machineOf(name)
    if (made === undefined) continue
    if (machine === undefined || made.startsWith(machine))
      return { compiler: name, onGlibc: made.endsWith('-gnu') }
    throw new Error(`CXX names ${name}, which compiles for ${made} and not for ${arch}.`)
  }
  if (named) throw new Error(`CXX names ${named}, which does not run.`)
  const advice = own.length > 0 ? 'g++' : debian
  throw new Error(`no C++ compiler${advice === undefined ? '' : ` (${advice})`} was found.`)
}

function machineOf(compiler) {
  try {
    return execFileSync(compiler, ['-dumpmachine'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/** The functions whose versions keep the addon from older systems get the versions that those have. */
export function floorFlags(arch, onGlibc) {
  const header = join(nativeFolder, 'os/linux/glibc_floor', `${arch}.h`)
  return onGlibc && processors[arch] !== undefined ? ['-include', header] : []
}

/**
 * A published addon brings what it needs of the C++ library: on an old system that library is old, too. The linker then leaves
 * the one of this machine out; where it does not, the check of a release says so.
 */
export const ownRuntime = {
  source: join(nativeFolder, 'os/linux/glibc_floor/cxx_runtime.cc'),
  exports: join(nativeFolder, 'os/linux/glibc_floor/exports.map'),
}

/** What makes two builds of the same sources the same bytes, wherever they are built. */
export const reproducible = {
  compile: [prefixMap, '-ffunction-sections', '-fdata-sections'],
  link: ['-Wl,--build-id=sha1', '-Wl,--exclude-libs,ALL', '-s'],
}
