import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('node-test-timers.mjs', import.meta.url))

function run(when: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const conditions = ['--conditions=@frameport/source', '--import', 'tsx', '--no-warnings']
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
  'with timers faked by node:test %s the first import calls, deadlines and heartbeats go on, then and later',
  { timeout: 120_000 },
  async (when) => {
    const { code, output } = await run(when)
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  },
)
