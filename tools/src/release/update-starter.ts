import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRepositoryFile, repositoryRoot } from '../repository.ts'
import { rangesOfToday, starterManifest, withRanges } from './starter-manifest.ts'

/* A part of npm run release:version: makes the project to copy depend on the released versions. */
writeFileSync(
  join(repositoryRoot, starterManifest),
  withRanges(readRepositoryFile(starterManifest), rangesOfToday()),
)
