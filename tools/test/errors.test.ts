import { describe, expect, it } from 'vitest'
import { errorsDocument, errorTables } from '../src/errors-document.ts'
import { readRepositoryFile } from '../src/repository.ts'

const tables = await errorTables()

describe('the table of errors', () => {
  it('in docs/errors.md equals that of the packages (npm run errors writes it)', () => {
    expect(readRepositoryFile('docs/errors.md')).toBe(errorsDocument(tables))
  })

  it.each(tables)('of $room has every code in capitals, with what happened and what to do', ({ codes }) => {
    expect(Object.keys(codes).length).toBeGreaterThan(0)
    for (const [code, { happened, fix }] of Object.entries(codes)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
      expect(happened.length, code).toBeGreaterThan(10)
      expect(fix.length, code).toBeGreaterThan(10)
    }
  })
})
