import { expect, test } from 'vitest'
import { limitRows } from '../../../tests/support/limit-rows.ts'
import { natsBrokerLimits, natsLogLimits } from '../src/index.ts'

const readme = new URL('../README.md', import.meta.url)

test.each(Object.entries({ ...natsBrokerLimits, ...natsLogLimits }))(
  'README.md lists the limit %s with its default',
  (name, value) => {
    const rows = limitRows(readme, name)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.split('|')[2]?.trim()).toBe(value.toLocaleString('en-US'))
  },
)
