import { describe, expect, it } from 'vitest'
import { workflowProblems } from '../../src/github/check-workflows.ts'
import { readWorkflow, workflows } from '../../src/github/workflows.ts'

const good = `# Not run yet: nobody has.
on: push
permissions: {}
jobs:
  one:
    runs-on: ubuntu-24.04
    permissions: {}
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v7.0.1
      - run: npm run -s tidy
      - run: bash .ci/run --until 'npm test'
      - run: npm ci --ignore-scripts --prefix consumers
`

function problemsOf(text: string): readonly string[] {
  return workflowProblems(readWorkflow('x.yml', text))
}

describe('the check of a workflow', () => {
  it('finds nothing in the workflows of this repository', () => {
    expect(workflows().map(({ file }) => file.replace('.github/workflows/', ''))).toEqual([
      'bench.yml',
      'ci.yml',
      'release.yml',
      'site.yml',
    ])
    expect(workflows().flatMap(workflowProblems)).toEqual([])
  })

  it('finds nothing in a valid workflow', () => {
    expect(problemsOf(good)).toEqual([])
  })

  it.each([
    ['npm run -s tidy', 'npm run -s tidier', 'package.json has no script tidier'],
    ['npm run -s tidy', 'npm run release:none -- --to x', 'package.json has no script release:none'],
    ['npm run -s tidy', 'node tools/none.ts', 'there is no file tools/none.ts'],
    ["--until 'npm test'", "--until 'npm tests'", '.ci/run has no section npm tests'],
    ['--prefix consumers', '--prefix tools', 'tools is no project with a lock'],
    ['@0123456789abcdef0123456789abcdef01234567 # v7.0.1', '@v7', 'is not the hash of a commit'],
    [' # v7.0.1', '', 'is not the hash of a commit'],
    ['- uses: actions', '- { uses: actions', 'is not read'],
    ['    permissions: {}\n', '', 'the job one does not list its permissions'],
    ['    permissions: {}\n', '    permissions: write-all\n', 'the job one does not list its permissions'],
    ['\npermissions: {}\n', '\n', 'jobs get permissions by default'],
    ['# Not run yet: nobody has.\n', '', 'does not say that it has not been run'],
  ])('finds the error if %j becomes %j', (from, to, problem) => {
    expect(good).toContain(from)
    const flow = to.startsWith('- {') ? good.replace(' # v7.0.1', ' }') : good
    expect(problemsOf(flow.replace(from, to)).join('\n')).toContain(problem)
  })
})

describe('release.yml', () => {
  const release = workflows().find(({ file }) => file.endsWith('/release.yml'))
  const jobs = Object.entries(release?.jobs ?? {})
  const mayWrite = (permission: string) =>
    jobs
      .filter(
        ([, { permissions }]) =>
          (permissions as Record<string, string> | undefined)?.[permission] === 'write',
      )
      .map(([name]) => name)

  it('lets only one job prove its identity, and that job cannot change anything here', () => {
    expect(mayWrite('id-token')).toEqual(['publish'])
    expect(mayWrite('contents')).toEqual(['versions', 'tag'])
  })

  it('uses no secrets', () => {
    expect(release?.text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/)
  })

  it('publishes with a proof of provenance, and candidates under another tag than latest', () => {
    const [line] = release?.text.match(/^.*npm run release:publish.*$/m) ?? []
    expect(line).toContain('--provenance')
    expect(line).toContain('--tag "$DIST_TAG"')
  })
})
