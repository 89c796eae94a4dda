import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { withTestedTables } from './tables.ts'

/* npm run tested: writes what was tested into README, from the results of the commands that test it. */
const results = JSON.parse(readRepositoryFile('consumers/results.json'))
writeFileSync(join(repositoryRoot, 'README.md'), withTestedTables(readRepositoryFile('README.md'), results))
