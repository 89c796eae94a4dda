// What a build of the addon consists of: the folders of each system, the variants for tests, and the faults that are
// seeded to show that those tests can fail. Both builds, this system's and the cross build, read it from here.
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..')
export const nativeFolder = join(packageFolder, 'native')

/** Names of files in what is compiled begin at the root of the repository, wherever that lies. */
export const prefixMap = `-ffile-prefix-map=${join(packageFolder, '../..')}=.`

/** Folders that take part, by system. backends/unsupported is everywhere so that it never rots. */
const systemFolders = {
  linux: ['os/linux', 'binding/linux', 'backends/epoll', 'backends/io_uring'],
  win32: ['os/windows', 'binding/windows', 'backends/iocp'],
}
/** What a folder for tests holds for one system alone. */
const testFolders = { linux: 'linux', win32: 'windows' }
const commonFolders = [
  'base',
  'seams',
  'backends',
  'backends/common',
  'backends/unsupported',
  'engine',
  'binding',
]

const plain = ['-g', '-O1']
const sanitizing = [...plain, '-fno-omit-frame-pointer']
// The last one: several processes and workers count into the same files.
const counting = ['-g', '-O0', '--coverage', '-fprofile-abs-path', '-fprofile-update=atomic']
const asan = [...sanitizing, '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined']

/** Functions that the variants `inject` take from the linker: native/variants/injection says which of their calls fail. */
const injected = {
  linux: [
    '_ZnwmRKSt9nothrow_t',
    '_ZnamRKSt9nothrow_t',
    'realloc',
    'napi_create_threadsafe_function',
    'pthread_create',
    'epoll_create1',
    'eventfd',
    'socket',
    'accept4',
    'recv',
    'send',
    'sendmsg',
    'epoll_ctl',
    'mmap',
    'syscall',
  ],
  win32: [
    '_ZnwyRKSt9nothrow_t',
    '_ZnayRKSt9nothrow_t',
    'realloc',
    'napi_create_threadsafe_function',
    // Functions of Windows are called through pointers, which the linker names so.
    '__imp_WSASocketW',
    '__imp_WSARecv',
    '__imp_WSASend',
    '__imp_WSAIoctl',
    '__imp_setsockopt',
    '__imp_getsockopt',
    '__imp_listen',
    '__imp_CancelIoEx',
    '__imp_CreateIoCompletionPort',
    '__imp_CreateThread',
    '__imp_GetProcAddress',
  ],
}

/**
 * `objects` names the folder of what is compiled: variants with the same flags share it. A file of `folder`, in
 * native/variants, takes the place of the one with its name, or joins them; `wraps` are functions whose calls it takes
 * over.
 */
export const variants = {
  release: { objects: 'release', flags: [] },
  asan: { objects: 'asan', flags: asan },
  // It has no model of fences: the one there is orders what the kernel reads, which it does not see either.
  tsan: { objects: 'tsan', flags: [...sanitizing, '-fsanitize=thread', '-Wno-tsan'] },
  'small-ring': { objects: 'release', flags: [], folder: 'small_ring' },
  guard: { objects: 'plain', flags: plain, folder: 'guard' },
  inject: { objects: 'plain', flags: plain, folder: 'injection', wraps: injected },
  'inject-asan': { objects: 'asan', flags: asan, folder: 'injection', wraps: injected },
  // For scripts/coverage.mjs. Each has objects of its own, because a program counts into the files beside them.
  coverage: { objects: 'coverage', flags: counting },
  'coverage-inject': { objects: 'coverage-inject', flags: counting, folder: 'injection', wraps: injected },
}

/**
 * The seeded faults: files of native/variants/test_faults that take the place of another one, or the calls of a function, in
 * the variant that has to notice.
 */
export const faults = {
  'use-after-free': { variant: 'asan', replaces: 'chunk_memory.cc' },
  'heap-overflow': { variant: 'asan', replaces: 'chunk_memory.cc' },
  'signed-overflow': { variant: 'asan', replaces: 'chunk_memory.cc' },
  leak: { variant: 'asan', replaces: 'chunk_memory.cc' },
  race: { variant: 'tsan', wraps: { linux: ['_ZnwmRKSt9nothrow_t', '_ZdlPvm'] } },
  'late-read': { variant: 'guard', replaces: 'chunk_memory.cc' },
  'late-write': { variant: 'guard', replaces: 'receive_pages.cc' },
  'leak-on-failure': { variant: 'inject-asan', replaces: 'chunk_memory.cc' },
  'lost-descriptor': { variant: 'inject', replaces: 'failed_associate.cc' },
}

export function hasBackEnds(platform) {
  return systemFolders[platform] !== undefined
}

/** @throws when there is no such variant or fault, or when the fault is not seen by the variant. */
export function checkNames(variant, fault) {
  if (variants[variant] === undefined) {
    throw new Error(`--variant is ${variant}, none of ${Object.keys(variants).join(', ')}`)
  }
  if (fault === undefined) return
  if (faults[fault] === undefined) {
    throw new Error(`--seed-fault is ${fault}, none of ${Object.keys(faults).join(', ')}`)
  }
  if (faults[fault].variant !== variant) {
    throw new Error(`the fault ${fault} is seeded into the variant ${faults[fault].variant}, not ${variant}`)
  }
}

function sourcesIn(folder) {
  const path = join(nativeFolder, folder)
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(path, name))
}

/** The sources of one build, as absolute paths. */
export function sourcesOf(platform, variant = 'release', fault = undefined) {
  const { folder } = variants[variant]
  const forTests =
    folder === undefined
      ? []
      : ['.', testFolders[platform]].flatMap((part) => sourcesIn(join('variants', folder, part)))
  const own = [...commonFolders, ...systemFolders[platform]].flatMap(sourcesIn)
  const sources = replaced(
    own,
    forTests.map((file) => basename(file)),
  ).concat(forTests)
  if (fault === undefined) return sources
  const seeded = join(nativeFolder, 'variants', 'test_faults', `${fault.replaceAll('-', '_')}.cc`)
  return replaced(sources, [faults[fault].replaces]).concat(seeded)
}

function replaced(files, names) {
  return files.filter((file) => !names.includes(basename(file)))
}

/** What the linker has to be told for a variant or a fault. */
export function wrapFlags(platform, variant = 'release', fault = undefined) {
  const wraps = [...(variants[variant].wraps?.[platform] ?? []), ...(faults[fault]?.wraps?.[platform] ?? [])]
  return wraps.map((name) => `-Wl,--wrap=${name}`)
}
