import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { withTestedTables } from './tables.ts'

/* npm run tested: writes the test results into docs/platforms.md, from the commands that run the tests. */
const results = JSON.parse(readRepositoryFile('consumers/results.json'))
writeFileSync(
  join(repositoryRoot, 'docs/platforms.md'),
  withTestedTables(readRepositoryFile('docs/platforms.md'), results),
)
