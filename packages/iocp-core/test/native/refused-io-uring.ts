import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { ReportedChoice } from './children/report-choice.ts'

/** Asks for a back end in a separate process. `launcher` are words before its command. */
export function reportChoice(launcher: readonly string[] = []): ReportedChoice {
  const { status, stdout, stderr } = runSource('test/native/children/report-choice.ts', [], launcher)
  // The process prints the warning, as it does for users.
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining('FRAMEPORT_BACKEND_FALLBACK'),
  })
  return JSON.parse(stdout) as ReportedChoice
}

/** Runs a TypeScript file of this package. */
export function runSource(source: string, args: readonly string[], launcher: readonly string[] = []) {
  return runNode([source, ...args], launcher)
}

/** Runs sources of this package with these words for Node.js. */
export function runNode(words: readonly string[], launcher: readonly string[] = []) {
  const node = [process.execPath, '--conditions=@frameport/source', '--import', 'tsx', ...words]
  const [program = '', ...rest] = [...launcher, ...node]
  return spawnSync(program, rest, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '', FRAMEPORT_BACKEND: '' },
    encoding: 'utf8',
  })
}

/** Checks what holds whenever io_uring is refused: auto takes epoll, warns once, and the name is an error. */
export function expectFallback(
  { taken, echo, warnings, byName, note }: ReportedChoice,
  refusal: {
    readonly systemCode: string
    readonly cause: string
    readonly because: RegExp
    readonly fix: RegExp
  },
): void {
  expect({ taken, echo }).toEqual({ taken: ['epoll', 'epoll', 'epoll'], echo: 'still here' })

  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatchObject({
    code: 'FRAMEPORT_BACKEND_FALLBACK',
    message: expect.stringMatching(/^The back end is epoll, because io_uring is not available: /),
    detail: expect.stringMatching(refusal.fix),
  })
  expect(warnings[0]?.message).toMatch(refusal.because)

  expect(byName).toMatchObject({ code: 'BACKEND_UNAVAILABLE', systemCode: refusal.systemCode })
  expect(byName.message).toMatch(refusal.because)
  expect(byName.message).toMatch(refusal.fix)

  expect(note).toMatchObject({
    available: false,
    cause: refusal.cause,
    systemCode: refusal.systemCode,
    steps: [{ step: 'io_uring_setup', required: true, ok: false, systemCode: refusal.systemCode }],
  })
}
