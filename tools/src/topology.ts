import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'

/** One room of the project, and its allowed imports. */
export interface Room {
  /** Folder from the root, with a trailing slash. */
  readonly folder: string
  /** Names of other rooms. Importing within the room is always allowed. */
  readonly rooms: readonly string[]
  /** Bare npm packages. Tests and examples may also use those in `testPackages`. */
  readonly packages: readonly string[]
  /** `node:` modules are rejected: the room must run in a browser. */
  readonly pure: boolean
}

export interface Import {
  readonly file: string
  readonly specifier: string
}

export interface Violation extends Import {
  readonly rule: string
}

/**
 * Returns every static and dynamic import, re-export and `require` with a literal in one TypeScript file, or every
 * include with a path in one C++ file.
 */
export function importsOf(file: string, text: string): Import[] {
  if (/\.(?:cc|h)$/.test(file)) return includesOf(file, text)
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => ({ file, specifier: fileName }))
}

function includesOf(file: string, text: string): Import[] {
  return [...text.matchAll(/^#include "([^"]+)"/gm)].map(([, path = '']) => ({
    file,
    specifier: path.startsWith('.') ? path : `./${path}`,
  }))
}

const testPackages = new Set([
  ...['vitest', 'fast-check', 'execa', 'zod', 'valibot', 'typescript', 'esbuild'],
  ...['@xterm/headless', '@xterm/addon-unicode11', 'playwright-core', 'axe-core'],
  ...['ws', '@peculiar/x509', 'reflect-metadata'],
])

/**
 * The paths that tests, and the site with its pictures, may import. None is a package, so no package depends on another
 * through them.
 */
const sharedByTests = ['tests/support/', 'examples/transports/', 'docs/']

/** Whether a file is shipped with its room, instead of only testing, demonstrating, measuring or configuring it. */
function isShipped(file: string, folder: string): boolean {
  return file.startsWith(`${folder}src/`) || (folder.includes('/src/') && file.startsWith(folder))
}

function roomOfFile(rooms: Readonly<Record<string, Room>>, file: string): string | undefined {
  return Object.keys(rooms).find((name) => file.startsWith(rooms[name]?.folder ?? '\0'))
}

function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}

/** The rule that one import breaks, or undefined. */
export function violatedRule(rooms: Readonly<Record<string, Room>>, imported: Import): string | undefined {
  const name = roomOfFile(rooms, imported.file)
  const room = name === undefined ? undefined : rooms[name]
  if (name === undefined || room === undefined) return undefined
  const { specifier, file } = imported
  const shipped = isShipped(file, room.folder)
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier))
    if (target.startsWith(room.folder) && (!shipped || roomOfFile(rooms, target) === name)) return undefined
    if (!shipped && !target.includes('/')) return undefined // the shared configuration files of the root
    if (!shipped && sharedByTests.some((folder) => target.startsWith(folder))) return undefined
    return `${name} reaches into another room's files`
  }
  if (specifier.startsWith('node:')) {
    return room.pure && shipped ? `${name} is pure and may not use node: modules` : undefined
  }
  if (builtinModules.includes(specifier)) return 'Node modules carry the node: prefix'
  const bare = packageName(specifier)
  if (bare.startsWith('@frameport/'))
    return violatedRoomRule(room, name, bare, shipped && specifier !== `${bare}/package.json`)
  if (room.packages.includes(bare) || (!shipped && testPackages.has(bare))) return undefined
  return `${name} may not use the package ${bare}`
}

function violatedRoomRule(room: Room, name: string, bare: string, shipped: boolean): string | undefined {
  const target = bare.slice('@frameport/'.length)
  if (target === name && shipped) return `${name} may not import itself by its name`
  if (target === name || room.rooms.includes(target)) return undefined
  return `${name} may not import ${target}`
}
