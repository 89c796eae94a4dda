// Compiles the addon for Windows x64 on Linux, with the cross compiler of Debian's g++-mingw-w64-x86-64-posix.
//   node build-windows.mjs [--variant NAME] [--seed-fault NAME] [--force]
// Writes build/win32-x64/frameport.node (a variant beside it), which depends on nothing but Windows and the program
// that loads it.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import {
  checkNames,
  nativeFolder,
  packageFolder,
  prefixMap,
  sourcesOf,
  variants,
  wrapFlags,
} from './addon-variants.mjs'
import { changedAt, compileSources, headersUnder, newest } from './compile-sources.mjs'

const prefix = 'x86_64-w64-mingw32-'
const run = promisify(execFile)
const scriptFolder = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

const { values: options } = parseArgs({
  options: {
    variant: { type: 'string', default: 'release' },
    'seed-fault': { type: 'string' },
    force: { type: 'boolean', default: false },
  },
})
const { variant, 'seed-fault': fault } = options
checkNames(variant, fault)

const suffix = [variant === 'release' ? undefined : variant, fault].filter(Boolean)
const target = join(packageFolder, 'build', ['win32-x64', ...suffix].join('-'), 'frameport.node')
const objectFolder = join(packageFolder, 'build', 'objects', `win32-x64-${variants[variant].objects}`)

const compileFlags = [
  '-std=c++17',
  '-O2',
  '-fno-rtti',
  '-fno-exceptions',
  '-Wall',
  '-Wextra',
  '-Werror',
  // What node-addon-api does with pointers to functions is right, and new to this compiler.
  '-Wno-cast-function-type',
  // GUIDs of mswsock.h are defined where they are used.
  '-DINITGUID',
  '-D_WIN32_WINNT=0x0A00',
  '-DNOMINMAX',
  '-DWIN32_LEAN_AND_MEAN',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
  '-DNODE_GYP_MODULE_NAME=frameport',
]
// Static, so that no runtime of the compiler has to be shipped beside the addon.
const linkFlags = [
  '-shared',
  '-static',
  '-static-libgcc',
  '-static-libstdc++',
  '-Wl,--gc-sections',
  // Else the time of the build, and an address made from the name of the output, make two builds of the same sources two files.
  '-Wl,--no-insert-timestamp',
  '-Wl,--disable-auto-image-base',
  '-s',
]
const libraries = ['-lnode', '-ldelayimp', '-lws2_32', '-liphlpapi', '-lsynchronization']

function includeFolders() {
  return [
    join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
    dirname(require.resolve('node-addon-api/package.json')),
  ]
}

/**
 * The names that "node.exe" exports, as a library whose loading waits for the first call. It holds the name under which
 * it was made, so it is made in its folder.
 */
async function importLibrary() {
  const definitions = join(dirname(require.resolve('node-api-headers/package.json')), 'def', 'node_api.def')
  const sameBytes = ['--deterministic-libraries', '--temp-prefix', 'frameport']
  const output = ['-d', definitions, '-D', 'node.exe', '--output-delaylib', 'libnode.a']
  await run(`${prefix}dlltool`, [...output, ...sameBytes], { cwd: objectFolder })
}

/**
 * Wraps only what the addon itself calls: the runtime of C++ is linked in, too, and would meet the failures of a variant
 * where it answers them by an exception.
 */
async function withWraps(compiler, objects) {
  const wraps = wrapFlags('win32', variant, fault)
  if (wraps.length === 0) return objects
  const joined = join(objectFolder, `joined-${[variant, fault].filter(Boolean).join('-')}.o`)
  await run(compiler, ['-r', '-nostdlib', ...wraps, ...objects, '-o', joined])
  return [joined]
}

async function build() {
  const compiler = `${prefix}g++-posix`
  const flags = [
    ...compileFlags,
    prefixMap,
    ...variants[variant].flags,
    ...includeFolders().map((path) => `-isystem${path}`),
  ]
  const sources = sourcesOf('win32', variant, fault)
  const scripts = ['build-windows.mjs', 'addon-variants.mjs'].map((name) => join(scriptFolder, name))
  const sharedInputs = [...headersUnder(nativeFolder), ...scripts]
  const current = existsSync(target) && changedAt(target) >= newest([...sharedInputs, ...sources])
  if (current && !options.force) return
  const started = Date.now()
  const objects = await compileSources({
    compiler,
    flags,
    root: nativeFolder,
    sources,
    sharedInputs,
    objectFolder,
    force: options.force,
  })
  mkdirSync(dirname(target), { recursive: true })
  // Its own folder, because a DLL holds the name under which it was linked.
  const freshFolder = mkdtempSync(join(dirname(target), 'fresh-'))
  const fresh = join(freshFolder, basename(target))
  const own = await withWraps(compiler, objects)
  await importLibrary()
  // From the folder of the objects: the linker sorts what it joins by the names of files.
  const names = own.map((object) => relative(objectFolder, object))
  await run(compiler, [...linkFlags, ...names, '-L.', ...libraries, '-o', fresh], { cwd: objectFolder })
  renameSync(fresh, target)
  rmdirSync(freshFolder)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(`frameport: built ${relative(packageFolder, target)} in ${seconds} s.\n`)
}

try {
  await build()
} catch (error) {
  const missing = error.code === 'ENOENT'
  const advice = missing ? `${error.path} is not installed: apt-get install g++-mingw-w64-x86-64-posix\n` : ''
  process.stderr.write(
    `frameport: the addon for Windows was not built. ${advice}${error.stderr ?? error.stack}\n`,
  )
  process.exitCode = 1
}
