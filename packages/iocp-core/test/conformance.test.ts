import { describe, test } from 'vitest'
import { conformanceCases } from '../conformance/conformance-cases.ts'
import { runCase } from '../conformance/run-case.ts'
import { skips } from '../conformance/skips.ts'
import { probe } from '../src/index.ts'

const timeoutMs = 130_000

for (const { backend, available, reason } of probe()) {
  describe(`conformance of ${backend}`, () => {
    // The skip is visible, so that a run shows which back end is missing.
    if (!available) return test.skip(`not available: ${reason}`, () => undefined)
    for (const conformanceCase of conformanceCases) {
      test(conformanceCase.name, { timeout: timeoutMs }, async (context) => {
        const result = await runCase(conformanceCase, backend, skips[backend])
        if (result.status === 'failed') throw result.error
        if (result.status === 'skipped') context.skip(result.reason)
      })
    }
  })
}
