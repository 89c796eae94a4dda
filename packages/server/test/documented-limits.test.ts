import { expect, it } from 'vitest'
import { limitRows } from '../../../tests/support/limit-rows.ts'
import { serverLimits } from '../src/index.ts'
import { workerLimits } from '../src/workers.ts'

const readme = new URL('../README.md', import.meta.url)

it.each([...Object.keys(serverLimits), ...Object.keys(workerLimits)])(
  'the limit %s stands in the table of README.md',
  (name) => {
    expect(limitRows(readme, name)).toHaveLength(1)
  },
)
