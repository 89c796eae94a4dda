import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { rangesOfToday, starterManifest, withRanges } from './starter-manifest.ts'

/* A part of npm run release:version: the project to copy depends on the versions that are released. */
writeFileSync(
  join(repositoryRoot, starterManifest),
  withRanges(readRepositoryFile(starterManifest), rangesOfToday()),
)
