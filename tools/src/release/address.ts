import { readRepositoryFile } from '../repository.ts'

/**
 * The address of the repository, from package.json in the root, which is the only file that contains it. Without a
 * slash at the end.
 */
export function repositoryAddress(): string {
  const { repository } = JSON.parse(readRepositoryFile('package.json')) as {
    repository?: { url?: string }
  }
  const address = /^git\+(https:\/\/.+)\.git$/.exec(repository?.url ?? '')?.[1]
  if (address === undefined) {
    throw new Error("the root's package.json needs a repository.url of the form git+https://….git")
  }
  return address
}
