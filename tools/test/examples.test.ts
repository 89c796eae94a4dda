import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeWithNats, NatsServer } from '../../tests/support/nats-server.ts'
import { typescriptArguments } from '../../tests/support/typescript-arguments.ts'
import { readRepositoryFile, repositoryFiles, repositoryRoot } from '../src/repository.ts'
import { expectedOutput } from '../src/rules/examples.ts'

const run = promisify(execFile)
const examples = repositoryFiles().filter((file) =>
  /^(packages\/[^/]+\/|docs\/)?examples\/[^/]+\.ts$/.test(file),
)
const isOfNats = (example: string) => example.startsWith('packages/broker-nats/')

async function runs(example: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const expected = expectedOutput(readRepositoryFile(example))
  expect(expected, 'an example that promises no output proves nothing').not.toEqual([])
  const { stdout } = await run(process.execPath, [...typescriptArguments, join(repositoryRoot, example)], {
    cwd: repositoryRoot,
    timeout: 120_000,
    env: { ...process.env, ...env },
  })
  expect(stdout.trimEnd().split('\n')).toEqual(expected)
}

describe('the examples of the documentation', () => {
  it('exist for every published package', () => {
    const packages = [
      'framing',
      'iocp-core',
      'protocol',
      'client',
      'server',
      'log-sqlite',
      'testing',
      'broker-nats',
    ]
    const without = packages.filter((name) => !examples.some((file) => file.startsWith(`packages/${name}/`)))
    expect(without).toEqual([])
  })

  it.each(examples.filter((example) => !isOfNats(example)))(
    '%s runs, ends by itself and prints the expected output',
    (example) => runs(example),
  )
})

describeWithNats('the examples of NATS', () => {
  it.each(examples.filter(isOfNats))(
    '%s runs, ends by itself and prints the expected output',
    async (example) => {
      const server = await NatsServer.start()
      try {
        await runs(example, { NATS_URL: server.url })
      } finally {
        await server.close()
      }
    },
  )
})
