// Compiles the addon with the C++ compiler alone: no node-gyp, no headers from the network.
//   node build-addon.mjs [--if-possible] [--variant NAME] [--seed-fault NAME] [--force]
//   node build-addon.mjs --target linux-x64-gnu|linux-arm64-gnu [--force]
// --if-possible: without a compiler, or on a system without a native back end, say so in one sentence and succeed. Warnings
// of a compiler that nobody here has seen are not errors then.
// --target: what is published for that system, as build/prebuilt/NAME/frameport.node, whatever system this is.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import {
  checkNames,
  hasBackEnds,
  nativeFolder,
  packageFolder,
  sourcesOf,
  variants,
  wrapFlags,
} from './addon-variants.mjs'
import { changedAt, compileSources, headersUnder, newest } from './compile-sources.mjs'
import { findCompiler, floorFlags, linuxTargets, ownRuntime, reproducible } from './linux-targets.mjs'

const run = promisify(execFile)
const say = (sentence) => process.stdout.write(`frameport: ${sentence}\n`)

const { values: options } = parseArgs({
  options: {
    'if-possible': { type: 'boolean', default: false },
    variant: { type: 'string', default: 'release' },
    'seed-fault': { type: 'string' },
    target: { type: 'string' },
    force: { type: 'boolean', default: false },
  },
})

const compileFlags = [
  '-std=c++17',
  '-O2',
  '-fPIC',
  '-fno-rtti',
  '-fno-exceptions',
  '-fvisibility=hidden',
  '-fvisibility-inlines-hidden',
  '-Wall',
  '-Wextra',
  ...(options['if-possible'] ? [] : ['-Werror']),
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  '-DNODE_GYP_MODULE_NAME=frameport',
]
// nodelete: a thread may still be leaving the code when the last environment that loaded it ends.
const linkFlags = [
  '-shared',
  '-Wl,-z,nodelete',
  '-Wl,-z,now',
  '-Wl,-z,relro',
  '-Wl,--gc-sections',
  '-pthread',
]

const { target, variant } = options
const arch = target === undefined ? process.arch : linuxTargets[target]

function outputFolder() {
  if (target !== undefined) return join(packageFolder, 'build', 'prebuilt', target)
  const suffix = [variant === 'release' ? undefined : variant, options['seed-fault']].filter(Boolean)
  return join(packageFolder, 'build', [`${process.platform}-${arch}`, ...suffix].join('-'))
}

function objectFolder() {
  const name = target === undefined ? variants[variant].objects : `prebuilt-${target}`
  return join(packageFolder, 'build', 'objects', name)
}

function sources() {
  const own = target === undefined ? [] : [ownRuntime.source]
  return [...sourcesOf('linux', variant, options['seed-fault']), ...own]
}

/** Whatever a source may include, and the flags, which are in these files. */
function sharedInputs() {
  const scripts = ['build-addon.mjs', 'addon-variants.mjs', 'linux-targets.mjs'].map((name) =>
    join(packageFolder, 'scripts', name),
  )
  return [...headersUnder(nativeFolder), ownRuntime.exports, ...scripts]
}

function includeFolders() {
  const require = createRequire(import.meta.url)
  return [
    join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
    dirname(require.resolve('node-addon-api/package.json')),
  ]
}

async function build({ compiler, onGlibc }, file) {
  const isPrebuilt = target !== undefined
  const flags = [
    ...compileFlags,
    ...variants[variant].flags,
    // Sanitizers and wrappers find functions by the names that these versions would hide.
    ...(variants[variant].objects === 'release' ? floorFlags(arch, onGlibc) : []),
    ...(isPrebuilt ? reproducible.compile : []),
    ...includeFolders().map((path) => `-isystem${path}`),
  ]
  const objects = await compileSources({
    compiler,
    flags,
    root: nativeFolder,
    sources: sources(),
    sharedInputs: sharedInputs(),
    objectFolder: objectFolder(),
    force: options.force,
  })
  mkdirSync(dirname(file), { recursive: true })
  const fresh = `${file}.${process.pid}`
  const wraps = wrapFlags('linux', variant, options['seed-fault'])
  const prebuilt = ['-Wl,--as-needed', `-Wl,--version-script=${ownRuntime.exports}`, ...reproducible.link]
  const last = [...linkFlags, ...(isPrebuilt ? prebuilt : []), ...wraps, '-o', fresh]
  await run(compiler, [...flags, ...objects, ...last])
  // A process that has the old one mapped keeps it.
  renameSync(fresh, file)
}

function fail(sentence) {
  if (!options['if-possible']) {
    process.stderr.write(`frameport: ${sentence}\n`)
    process.exitCode = 1
    return
  }
  say(`${sentence} Everything works on the back end net.`)
}

/** Why this script cannot build what is asked for; undefined when it can. */
function hindrance() {
  if (target !== undefined) {
    if (arch === undefined) return `--target is ${target}, none of ${Object.keys(linuxTargets).join(', ')}.`
    return variant === 'release' ? undefined : '--target and --variant exclude each other.'
  }
  if (process.platform === 'win32') return 'the back end iocp is compiled on Linux, by build-windows.mjs.'
  return hasBackEnds(process.platform)
    ? undefined
    : `there is no native back end for ${process.platform} yet.`
}

async function main() {
  checkNames(variant, options['seed-fault'])
  const hindered = hindrance()
  if (hindered !== undefined) return fail(hindered)
  const file = join(outputFolder(), 'frameport.node')
  const current = existsSync(file) && changedAt(file) >= newest([...sharedInputs(), ...sources()])
  if (current && !options.force) return
  let found
  try {
    found = findCompiler(arch)
  } catch (error) {
    return fail(`${error.message} So the back ends io_uring and epoll were not built.`)
  }
  try {
    const started = Date.now()
    await build(found, file)
    say(`built ${relative(packageFolder, file)} in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  } catch (error) {
    rmSync(file, { force: true })
    process.stderr.write(error.stderr ?? '')
    fail('the C++ compiler failed, so the back ends io_uring and epoll were not built.')
  }
}

await main()
