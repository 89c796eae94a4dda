import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { releaseProblems } from './check-release.ts'
import { publishAll } from './publish-all.ts'

const usage = `npm run release:publish -- --from FOLDER [options]

  --from FOLDER    what npm run release:pack wrote
  --registry URL   another registry than npm's own settings name
  --tag NAME       the dist-tag: latest by default; next for a version before a release
  --provenance     a signed statement of where it was built, which a workflow with OIDC can make
  --dry-run        everything but the last step

Checks each tarball again, and publishes those whose version the registry does not have, in the order in which they need
each other. It can be repeated: what is there already is left alone.
`

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    registry: { type: 'string' },
    tag: { type: 'string', default: 'latest' },
    provenance: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else if (values.from === undefined) {
  process.stderr.write(`--from is missing.\n\n${usage}`)
  process.exitCode = 2
} else publish(resolve(values.from))

function publish(folder: string): void {
  const problems = releaseProblems(folder)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
  else
    publishAll(folder, { ...values, dryRun: values['dry-run'] }, (sentence) => {
      process.stdout.write(`${sentence}\n`)
    })
}
