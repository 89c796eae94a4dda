import { packageTests } from '../../../../vitest.base.ts'

/** Only for shown-failures.test.ts, because these tests must fail. */
export default packageTests('failing', 'vitest-failures.mjs')
