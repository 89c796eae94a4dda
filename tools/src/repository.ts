import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository this file belongs to. */
export const repositoryRoot: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Files that git tracks or would track, as paths from the root. Files that git ignores are not checked. */
export function repositoryFiles(root: string = repositoryRoot): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return output
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)))
    .sort()
}

export function readRepositoryFile(file: string, root: string = repositoryRoot): string {
  return readFileSync(join(root, file), 'utf8')
}
