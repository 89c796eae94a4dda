import { join, posix } from 'node:path'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from './repository.ts'
import { shownExamples, unexecutedFences } from './rules/examples.ts'
import { longFiles } from './rules/file-lengths.ts'
import { fileNameProblem } from './rules/file-names.ts'
import { markdownProblems } from './rules/markdown.ts'

export interface TidyReport {
  /** Each of them fails the run. */
  readonly problems: string[]
  /** Worth a look, but allowed. */
  readonly notes: string[]
}

/** Checks names, links, paths and shown examples of a whole tree. */
export function tidy(root: string, files: readonly string[]): TidyReport {
  const read = (file: string) => readRepositoryFile(file, root)
  const tree = { paths: withFolders(files), read }
  const documents = files.filter((file) => file.endsWith('.md') && !file.endsWith('CHANGELOG.md'))
  const problems = [
    ...files.flatMap((file) => fileNameProblem(file) ?? []),
    ...documents.flatMap((file) => markdownProblems(file, tree)),
    ...documents.flatMap((file) => staleExamples(file, tree.paths, read)),
    ...documents.flatMap((file) => unexecutedFences(file, read(file))),
    ...files.flatMap((file) => leftovers(file, read)),
  ]
  return { problems, notes: longFiles(files, read) }
}

function withFolders(files: readonly string[]): Set<string> {
  const paths = new Set<string>(['.'])
  for (const file of files) {
    for (let path = file; path !== '.'; path = posix.dirname(path)) paths.add(path)
  }
  return paths
}

function staleExamples(file: string, paths: ReadonlySet<string>, read: (file: string) => string): string[] {
  return shownExamples(file, read(file)).flatMap(({ file: example, shown }) => {
    if (!paths.has(example)) return [`${file}: shows ${example}, which does not exist`]
    return read(example).trimEnd() === shown.trimEnd()
      ? []
      : [`${file}: the code shown differs from ${example}`]
  })
}

/** Finds comments about unfinished work. The files of this rule contain the words themselves. */
function leftovers(file: string, read: (file: string) => string): string[] {
  if (!/\.(ts|mjs|cc|h)$/.test(file) || file.startsWith('tools/')) return []
  return read(file)
    .split('\n')
    .flatMap((line, index) =>
      /(?:\/\/|\*).*\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/.test(line)
        ? [`${file}:${index + 1}: unfinished work without an issue`]
        : [],
    )
}

if (process.argv[1] === join(repositoryRoot, 'tools/src/tidy.ts')) {
  const { problems, notes } = tidy(repositoryRoot, repositoryFiles())
  for (const note of notes) process.stdout.write(`long file: ${note}\n`)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.stdout.write(`tidy: ${problems.length} problems, ${notes.length} files over 300 lines\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
