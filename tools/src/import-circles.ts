import { posix } from 'node:path'
import { importsOf } from './topology.ts'

/** The relative imports of each file, among the files of the graph. Imports of types count, too. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

export function importGraph(files: readonly string[], read: (file: string) => string): ImportGraph {
  const known = new Set(files)
  return new Map(
    files.map((file) => {
      const targets = importsOf(file, read(file)).flatMap(({ specifier }) => {
        const target = relativeTarget(file, specifier)
        return target !== undefined && known.has(target) ? [target] : []
      })
      return [file, targets]
    }),
  )
}

/** The file to which a relative import leads; undefined for the import of a package. */
export function relativeTarget(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(file), specifier))
}

/** Circles of imports, each as `a.ts → b.ts → a.ts`. Every file of a circle is in one that is reported. */
export function importCircles(graph: ImportGraph): string[] {
  const reported = new Set<string>()
  const circles: string[] = []
  for (const file of graph.keys()) {
    const circle = reported.has(file) ? undefined : shortestCircle(graph, file)
    if (circle === undefined) continue
    for (const member of circle) reported.add(member)
    circles.push([...circle, file].join(' → '))
  }
  return circles
}

/** The shortest path from a file back to itself, without its end. */
function shortestCircle(graph: ImportGraph, start: string): string[] | undefined {
  const seen = new Set<string>()
  let paths: string[][] = [[start]]
  while (paths.length > 0) {
    const longer: string[][] = []
    for (const path of paths) {
      for (const target of graph.get(path.at(-1) ?? start) ?? []) {
        if (target === start) return path
        if (seen.has(target)) continue
        seen.add(target)
        longer.push([...path, target])
      }
    }
    paths = longer
  }
  return undefined
}
