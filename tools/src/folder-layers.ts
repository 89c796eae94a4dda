import { relativeTarget } from './import-circles.ts'
import type { Import } from './topology.ts'

/** The folders inside the sources of one package, and what each may import. */
export interface Layers {
  /** Folder from the root, with a trailing slash: `packages/iocp-core/src/`. */
  readonly sources: string
  /**
   * Each folder with the other folders that it may import, the lowest folder first. `session/calls` has its own rule
   * inside `session`; a folder without a rule of its own follows the one of the folder around it. {@link rootFolder}
   * means the files at the root of the sources.
   */
  readonly folders: Readonly<Record<string, readonly string[]>>
  /**
   * Files at the root of the sources that every folder may import, and that import only each other. Without this list,
   * every folder may import every file at the root.
   */
  readonly base?: readonly string[]
  /** The imports of the other files at the root. Without this list they may import everything, because they choose. */
  readonly root?: readonly string[]
}

/** The files at the root of the sources that are not in {@link Layers.base}: they choose and compose. */
export const rootFolder = '.'

/** Stands for the files of {@link Layers.base}. No folder has a space in its name. */
const baseFiles = 'base files'

/** The rule of folders that one import breaks, or undefined. */
export function violatedLayer(name: string, layers: Layers, imported: Import): string | undefined {
  const path = relativeTarget(imported.file, imported.specifier)
  if (path === undefined || !imported.file.startsWith(layers.sources)) return undefined
  const from = placeOf(layers, imported.file)
  const to = placeOf(layers, path)
  if (from === undefined) return `${name}: the folder of ${imported.file} has no rule`
  if (to === undefined) return undefined // Reported where that folder imports, or by the rules between packages.
  if (from === to || to === baseFiles) return undefined
  const allowed = allowedFrom(layers, from)
  if (allowed === undefined) return undefined
  if (allowed.includes(to)) return undefined
  if (to === rootFolder && layers.base === undefined) return undefined
  return `${name}: ${nameOf(from)} may not import ${nameOf(to)}`
}

/** The places that one place may import; undefined if it may import all. */
function allowedFrom(layers: Layers, from: string): readonly string[] | undefined {
  if (from === rootFolder) return layers.root
  return from === baseFiles ? [] : (layers.folders[from] ?? [])
}

function nameOf(place: string): string {
  return place === rootFolder ? 'the root' : place
}

/** The name of a folder with a rule, {@link rootFolder} or {@link baseFiles}. Undefined in a folder without a rule, and outside. */
function placeOf(layers: Layers, file: string): string | undefined {
  if (!file.startsWith(layers.sources)) return undefined
  const path = file.slice(layers.sources.length)
  if (!path.includes('/')) return layers.base?.includes(path) ? baseFiles : rootFolder
  const around = Object.keys(layers.folders).filter((folder) => path.startsWith(`${folder}/`))
  return around.sort((one, other) => other.length - one.length)[0]
}

/** Folders with a rule that are not in the tree. */
export function absentFolders(layers: Layers, files: readonly string[]): string[] {
  return Object.keys(layers.folders).filter(
    (folder) => !files.some((file) => file.startsWith(`${layers.sources}${folder}/`)),
  )
}

/** Base files of a rule that are not in the tree. */
export function absentBase(layers: Layers, files: readonly string[]): string[] {
  return (layers.base ?? []).filter((file) => !files.includes(`${layers.sources}${file}`))
}
