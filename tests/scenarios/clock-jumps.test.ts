import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { Measured } from './children/jumping-clock.ts'

const [library] = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib']
  .map((folder) => join(folder, 'faketime/libfaketime.so.1'))
  .filter((path) => existsSync(path))
if (library === undefined && process.env.FRAMEPORT_REQUIRE_FAKETIME !== undefined)
  throw new Error('libfaketime is not installed')

const program = fileURLToPath(new URL('children/jumping-clock.ts', import.meta.url))
const hourMs = 3_600_000

test.skipIf(library === undefined)(
  library === undefined
    ? 'a time of day that jumps (skipped: libfaketime is not installed)'
    : 'deadlines and heartbeats are neither early nor late when the time of day jumps an hour forward and back',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'frameport-time-'))
    const offset = join(folder, 'offset')
    writeFileSync(offset, '+0')
    const child = fork(program, [], {
      execArgv: [...typescriptArguments],
      env: {
        ...process.env,
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    })
    const next = async () => (await once(child, 'message'))[0]
    try {
      expect(await next()).toBe('ready')
      for (const [jump, hours] of [
        ['+3600', 1],
        ['+0', 0],
        ['-3600', -1],
      ] as const) {
        child.send('measure')
        expect(await next()).toBe('waiting')
        writeFileSync(offset, jump)
        const { tookMs, codes, state, dateMs } = (await next()) as Measured
        // The clock really jumped.
        expect(Math.abs(dateMs - Date.now() - hours * hourMs)).toBeLessThan(60_000)
        expect([codes, state]).toEqual([
          ['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'],
          'open',
        ])
        for (const [index, deadlineMs] of [100, 300, 500].entries()) {
          expect(tookMs[index]).toBeGreaterThan(deadlineMs - 5)
          expect(tookMs[index]).toBeLessThan(deadlineMs + 20_000)
        }
      }
    } finally {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  },
  60_000,
)
