import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { apiFolder, repositoryRoot } from '../pages.ts'
import { generateApi } from './generate.ts'

/* npm run api, in site: writes the pages of the API anew. */
rmSync(join(repositoryRoot, apiFolder), { recursive: true, force: true })
await generateApi()
