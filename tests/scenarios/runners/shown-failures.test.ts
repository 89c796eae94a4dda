import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { typescriptArguments } from '../../support/typescript-arguments.ts'

const failing = fileURLToPath(new URL('failing/', import.meta.url))
const vitest = fileURLToPath(new URL('../vitest.mjs', import.meta.resolve('vitest/node')))
const conditions = [...typescriptArguments, '--no-warnings']

const runners = {
  vitest: [vitest, 'run', '--config', 'vitest.config.ts', '--root', '.'],
  'node:test': [...conditions, '--test-reporter=spec', 'node-test-failures.mjs'],
}

/** The output of a runner for failing tests: both streams, without colours. */
function printedBy(args: readonly string[]): Promise<string> {
  // A runner behaves differently in a child process of another runner.
  const { VITEST, VITEST_WORKER_ID, VITEST_POOL_ID, NODE_TEST_CONTEXT, ...env } = process.env
  const child = spawn(process.execPath, args, {
    cwd: failing,
    env: { ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += String(chunk)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(printed))
  })
}

test.each(Object.entries(runners))(
  '%s shows the code, the procedure, and the error of the handler with its own cause and place for a failed call',
  { timeout: 120_000 },
  async (_, args) => {
    const printed = await printedBy(args)
    expect(printed).toMatch(/RpcError: INTERNAL: desk\/save: The handler failed/)
    expect(printed).toMatch(/DiskFull: no block is left\n.*failing\.mjs:\d+/)
    expect(printed).toMatch(/TypeError: write gave -28\n.*failing\.mjs:\d+/)
    expect(printed).toMatch(/RpcError: UNAVAILABLE: desk\/save: not now/)
  },
)
