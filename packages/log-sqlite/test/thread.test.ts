import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const flags = ['--conditions=@frameport/source', '--import', 'tsx']

function print(child: string): string {
  const file = fileURLToPath(new URL(`children/${child}`, import.meta.url))
  return execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' }).trim()
}

describe('the thread of a log', () => {
  it('does not keep the process alive while nothing waits for it', () => {
    expect(print('open-and-leave.ts')).toBe('1')
  })

  it('that has ended makes waiting calls fail, and reports to followers that events may be missing', () => {
    expect(print('lose-the-thread.ts')).toBe('missed WORKER_FAILED WORKER_FAILED WORKER_FAILED closed')
  })
})
