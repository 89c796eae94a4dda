import { packageTests } from '../../vitest.base.ts'

export default packageTests('network', '**/*.test.ts')
