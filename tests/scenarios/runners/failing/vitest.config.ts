import { packageTests } from '../../../../vitest.base.ts'

/** Only shown-failures.test.ts runs this: its tests are to fail. */
export default packageTests('failing', 'vitest-failures.mjs')
