import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { readRepositoryFile, repositoryRoot } from '../src/repository.ts'

it('docs/seccomp/frameport.json equals the profile that the doctor prints (npm run seccomp-profile writes it)', async () => {
  const file = join(repositoryRoot, 'packages/iocp-core/src/doctor/seccomp-profile.ts')
  const { seccompProfile } = (await import(pathToFileURL(file).href)) as { seccompProfile(): unknown }
  expect(readRepositoryFile('docs/seccomp/frameport.json')).toBe(
    `${JSON.stringify(seccompProfile(), undefined, 2)}\n`,
  )
})
