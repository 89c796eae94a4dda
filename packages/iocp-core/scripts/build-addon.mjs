// Compiles the addon with the C++ compiler alone: no node-gyp, no headers from the network.
//   node build-addon.mjs [--if-possible] [--variant NAME] [--seed-fault NAME] [--force]
// --if-possible: without a compiler, or on a system without a native back end, say so in one sentence and succeed.
import { execFile, execFileSync } from 'node:child_process'
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

const run = promisify(execFile)
const say = (sentence) => process.stdout.write(`frameport: ${sentence}\n`)

const { values: options } = parseArgs({
  options: {
    'if-possible': { type: 'boolean', default: false },
    variant: { type: 'string', default: 'release' },
    'seed-fault': { type: 'string' },
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
  '-Werror',
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

function outputFolder() {
  const variant = options.variant === 'release' ? undefined : options.variant
  const suffix = [variant, options['seed-fault']].filter(Boolean).join('-')
  return join(
    packageFolder,
    'build',
    `${process.platform}-${process.arch}${suffix === '' ? '' : `-${suffix}`}`,
  )
}

function sources() {
  return sourcesOf(process.platform, options.variant, options['seed-fault'])
}

/** Whatever a source may include, and the flags, which are in these files. */
function sharedInputs() {
  const scripts = ['build-addon.mjs', 'addon-variants.mjs'].map((name) =>
    join(packageFolder, 'scripts', name),
  )
  return [...headersUnder(nativeFolder), ...scripts]
}

function findCompiler() {
  for (const name of [process.env.CXX, 'g++', 'clang++'].filter(Boolean)) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' })
      return name
    } catch {
      // The next name is tried; having none is said by the caller.
    }
  }
  return undefined
}

function includeFolders() {
  const require = createRequire(import.meta.url)
  return [
    join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
    dirname(require.resolve('node-addon-api/package.json')),
  ]
}

async function build(compiler, target) {
  const flags = [
    ...compileFlags,
    ...variants[options.variant].flags,
    ...includeFolders().map((path) => `-isystem${path}`),
  ]
  const objects = await compileSources({
    compiler,
    flags,
    root: nativeFolder,
    sources: sources(),
    sharedInputs: sharedInputs(),
    objectFolder: join(packageFolder, 'build', 'objects', variants[options.variant].objects),
    force: options.force,
  })
  mkdirSync(dirname(target), { recursive: true })
  const fresh = `${target}.${process.pid}`
  const wraps = wrapFlags(process.platform, options.variant, options['seed-fault'])
  await run(compiler, [...flags, ...objects, ...linkFlags, ...wraps, '-o', fresh])
  // A process that has the old one mapped keeps it.
  renameSync(fresh, target)
}

function fail(sentence) {
  if (!options['if-possible']) {
    process.stderr.write(`frameport: ${sentence}\n`)
    process.exitCode = 1
    return
  }
  say(`${sentence} Everything works on the back end net.`)
}

async function main() {
  checkNames(options.variant, options['seed-fault'])
  if (process.platform === 'win32') {
    return fail('the back end iocp is compiled on Linux, by build-windows.mjs.')
  }
  if (!hasBackEnds(process.platform)) {
    return fail(`there is no native back end for ${process.platform} yet.`)
  }
  const target = join(outputFolder(), 'frameport.node')
  const current = existsSync(target) && changedAt(target) >= newest([...sharedInputs(), ...sources()])
  if (current && !options.force) return
  const compiler = findCompiler()
  if (compiler === undefined)
    return fail('no C++ compiler (g++) was found, so the back end epoll was not built.')
  try {
    const started = Date.now()
    await build(compiler, target)
    say(`built ${relative(packageFolder, target)} in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  } catch (error) {
    rmSync(target, { force: true })
    process.stderr.write(error.stderr ?? '')
    fail('the C++ compiler failed, so the back end epoll was not built.')
  }
}

await main()
