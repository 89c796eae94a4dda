import { afterAll, beforeAll, describe, test } from 'vitest'
import { conformanceCases } from '../conformance/conformance-cases.ts'
import { runCase } from '../conformance/run-case.ts'
import { skips } from '../conformance/skips.ts'
import { type BackendName, probe } from '../src/index.ts'
import { wakerVariable } from '../src/native/choose-waker.ts'

const timeoutMs = 130_000

function testAllCases(backend: BackendName): void {
  for (const conformanceCase of conformanceCases) {
    test(conformanceCase.name, { timeout: timeoutMs }, async (context) => {
      const result = await runCase(conformanceCase, backend, skips[backend])
      if (result.status === 'failed') throw result.error
      if (result.status === 'skipped') context.skip(result.reason)
    })
  }
}

for (const { backend, available, reason, steps } of probe()) {
  describe(`conformance of ${backend}`, () => {
    // Told, not hidden: a run in which a back end is missing shows it.
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)
    testAllCases(backend)
  })
  // The same where a thread wakes JavaScript, and not its event loop.
  if (!available || !steps.some(({ step, ok }) => step === 'uv_poll' && ok)) continue
  describe(`conformance of ${backend}, woken by a thread`, () => {
    beforeAll(() => {
      process.env[wakerVariable] = 'thread'
    })
    afterAll(() => {
      delete process.env[wakerVariable]
    })
    testAllCases(backend)
  })
}
