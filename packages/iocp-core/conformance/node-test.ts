import { test } from 'node:test'
import { probe } from '../src/index.ts'
import { conformanceCases } from './conformance-cases.ts'
import { runCase } from './run-case.ts'
import { skips } from './skips.ts'

/* The suite under node:test, which Bun and Deno run, too. FRAMEPORT_CONFORMANCE_BACKENDS=a,b picks back ends. */
const wanted = process.env.FRAMEPORT_CONFORMANCE_BACKENDS?.split(',')
for (const { backend, available } of probe()) {
  if (wanted === undefined ? !available : !wanted.includes(backend)) continue
  for (const conformanceCase of conformanceCases) {
    test(`${backend}: ${conformanceCase.name}`, async (context) => {
      const result = await runCase(conformanceCase, backend, skips[backend])
      if (result.status === 'failed') throw result.error
      if (result.status === 'skipped') context.skip(result.reason)
    })
  }
}
