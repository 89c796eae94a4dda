import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { typescriptArguments } from '../../support/typescript-arguments.ts'

function run(file: string, when: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const conditions = [...typescriptArguments, '--no-warnings']
  const program = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [...conditions, program, when], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

test.each(['before', 'after'])(
  'with timers faked by node:test %s the first import, calls, deadlines and heartbeats still work, then and later',
  { timeout: 120_000 },
  async (when) => {
    const { code, output } = await run('node-test-timers.mjs', when)
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  },
)

test.each(['never', 'before', 'after'])(
  'a test client and virtual time work under node:test with timers faked %s the first import, and end with the process',
  { timeout: 120_000 },
  async (when) => {
    const { code, output } = await run('node-test-client.mjs', when)
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  },
)
