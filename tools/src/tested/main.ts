import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { withTestedTables } from './tables.ts'

/* npm run tested: writes what was tested into docs/platforms.md, from the results of the commands that test it. */
const results = JSON.parse(readRepositoryFile('consumers/results.json'))
writeFileSync(
  join(repositoryRoot, 'docs/platforms.md'),
  withTestedTables(readRepositoryFile('docs/platforms.md'), results),
)
