// Builds the fuzzer: the shipping sources of the engine and of the back ends of Linux, linked with the fake kernel of
// fuzz/, which the linker hands their system calls to.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { packageFolder } from '../addon-variants.mjs'
import { changedAt, compileSources, headersUnder, newest } from '../compile-sources.mjs'

const run = promisify(execFile)
const compiler = process.env.CXX ?? 'g++'

/** Calls of the engine that go to the fake kernel: see fuzz/seam.cc. */
const wrapped = [
  '_ZnwmRKSt9nothrow_t',
  'accept4',
  'bind',
  'close',
  'connect',
  'epoll_create1',
  'epoll_ctl',
  'epoll_wait',
  'eventfd',
  'getpeername',
  'getsockname',
  'getsockopt',
  'listen',
  'mmap',
  'munmap',
  'poll',
  'read',
  'recv',
  'send',
  'sendmsg',
  'setsockopt',
  'shutdown',
  'socket',
  'syscall',
  'write',
]

const common = ['-std=c++17', '-g', '-fno-rtti', '-Wall', '-Wextra', '-Werror', '-MMD']
/** By name: what is compiled in. Checks of the engine are on in all of them. */
export const flavours = {
  asan: [
    '-O1',
    '-fno-omit-frame-pointer',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
    ...common,
  ],
  coverage: ['-O0', '--coverage', '-fprofile-abs-path', ...common],
}

const nativeFolders = [
  'base',
  'seams',
  'backends',
  'backends/common',
  'backends/epoll',
  'backends/io_uring',
  'engine',
  'os/linux',
]
/** fuzz/ring_shape.cc takes its place. */
const replaced = ['backends/io_uring/ring_shape.cc']

function sourcesUnder(root) {
  const native = nativeFolders.flatMap((folder) =>
    readdirSync(join(root, 'native', folder))
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(folder, name))
      .filter((name) => !replaced.includes(name))
      .map((name) => join(root, 'native', name)),
  )
  const own = readdirSync(join(root, 'fuzz')).filter((name) => name.endsWith('.cc'))
  return [...native, ...own.map((name) => join(root, 'fuzz', name))]
}

function sharedInputs() {
  const headers = ['native', 'fuzz'].flatMap((folder) => headersUnder(join(packageFolder, folder)))
  return [...headers, join(packageFolder, 'scripts', 'fuzz', 'build.mjs')]
}

async function link(flavour, objects, target) {
  const wraps = wrapped.map((name) => `-Wl,--wrap=${name}`)
  await run(compiler, [...flavours[flavour], ...objects, ...wraps, '-pthread', '-o', target])
}

/** Compiles what has changed. Returns the path of the program and its objects. */
export async function buildFuzzer(flavour = 'asan') {
  const folder = join(packageFolder, 'build', 'fuzz', flavour)
  const sources = sourcesUnder(packageFolder)
  const objects = await compileSources({
    compiler,
    flags: flavours[flavour],
    root: packageFolder,
    sources,
    sharedInputs: sharedInputs(),
    objectFolder: join(folder, 'objects'),
    force: false,
  })
  const program = join(folder, 'fuzz')
  if (!existsSync(program) || changedAt(program) < newest(objects)) await link(flavour, objects, program)
  return { program, objects, sources, folder }
}

/** Replaces the one place that matches; a patch that fits nowhere, or in two places, is out of date. */
export function patchText(text, { search, replace }, where) {
  const parts = text.split(search)
  if (parts.length !== 2) {
    throw new Error(`${where}: the text of a patch occurs ${parts.length - 1} times, not once:\n${search}`)
  }
  return parts.join(replace)
}

/** What an object was made from: written by the compiler (-MMD) beside it. */
function dependsOn(object, file) {
  const listed = readFileSync(`${object}.d`, 'utf8').split(/[\s\\]+/)
  return listed.some((name) => name.endsWith(basename(file)) && join(name) === join(file))
}

/**
 * Builds the fuzzer with other texts in place of some files of native/ (path to text). Only what includes them is
 * compiled again, in a copy of the tree, so that headers can be patched, too.
 */
export async function buildPatched(name, texts, flavour = 'asan') {
  const clean = await buildFuzzer(flavour)
  const tree = join(packageFolder, 'build', 'fuzz', 'trees', name)
  rmSync(tree, { recursive: true, force: true })
  for (const folder of ['native', 'fuzz'])
    cpSync(join(packageFolder, folder), join(tree, folder), { recursive: true })
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(tree, 'native', file), text)
  const changed = Object.keys(texts).map((file) => join(packageFolder, 'native', file))
  const objectFolder = join(tree, 'objects')
  mkdirSync(objectFolder, { recursive: true })
  const jobs = clean.objects.map((object, index) => ({ object, source: clean.sources[index] }))
  const stale = jobs.filter(({ object }) => changed.some((file) => dependsOn(object, file)))
  const objects = clean.objects.filter((object) => !stale.some((job) => job.object === object))
  const work = async () => {
    for (let job = stale.shift(); job !== undefined; job = stale.shift()) {
      const target = join(objectFolder, basename(job.object))
      const source = join(tree, relative(packageFolder, job.source))
      await run(compiler, [...flavours[flavour], '-c', source, '-o', target])
      objects.push(target)
    }
  }
  await Promise.all([work(), work()])
  const program = join(tree, 'fuzz-program')
  await link(flavour, objects, program)
  return program
}
