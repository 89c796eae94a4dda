import { describe, expect, it } from 'vitest'
import { limitRows } from '../../../tests/support/limit-rows.ts'
import { sqliteLogLimits } from '../src/limits.ts'

const readme = new URL('../README.md', import.meta.url)

describe('README.md', () => {
  it.each(Object.entries(sqliteLogLimits))('has the limit %s with its default', (name, value: number) => {
    const rows = limitRows(readme, name)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.split('|')[2]?.trim()).toBe(value.toLocaleString('en'))
  })

  it('says that there is no limit of age by default', () => {
    expect(limitRows(readme, 'ageMsMax')[0]).toContain('| none |')
  })
})
