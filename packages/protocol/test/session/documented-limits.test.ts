import { expect, it } from 'vitest'
import { limitRows } from '../../../../tests/support/limit-rows.ts'
import { defaultSessionLimits } from '../../src/session/index.ts'

const readme = new URL('../../README.md', import.meta.url)

it.each(Object.keys(defaultSessionLimits))('the limit %s is in the table of README.md', (name) => {
  expect(limitRows(readme, name)).toHaveLength(1)
})
