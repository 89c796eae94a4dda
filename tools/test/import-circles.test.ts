import { describe, expect, it } from 'vitest'
import { importCircles, importGraph } from '../src/import-circles.ts'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

const files = repositoryFiles()
const sources = files.filter((file) => /^((packages|apps)\/[^/]+|tools|benchmarks)\/src\/.*\.ts$/.test(file))
const native = files.filter((file) => /^packages\/iocp-core\/native\/.*\.(cc|h)$/.test(file))

function circlesOf(files: Readonly<Record<string, string>>): string[] {
  return importCircles(importGraph(Object.keys(files), (file) => files[file] ?? ''))
}

describe('imports among source files', () => {
  it('form no circle in the tree', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(importCircles(importGraph(sources, readRepositoryFile))).toEqual([])
  })

  it('form no circle among the native sources', () => {
    expect(native.length).toBeGreaterThan(80)
    expect(importCircles(importGraph(native, readRepositoryFile))).toEqual([])
  })

  it.each([
    ['of two files', { 'a.ts': "import './b.ts'", 'b.ts': "import './a.ts'" }, 'a.ts → b.ts → a.ts'],
    [
      'of type imports only, through folders',
      { 'a.ts': "import type { B } from './x/b.ts'", 'x/b.ts': "export type * from '../a.ts'" },
      'a.ts → x/b.ts → a.ts',
    ],
    [
      'by its shortest path',
      { 'a.ts': "import './b.ts'", 'b.ts': "import './c.ts'\nimport './a.ts'", 'c.ts': "import './a.ts'" },
      'a.ts → b.ts → a.ts',
    ],
    [
      'after files that are in no circle',
      { 'a.ts': "import './b.ts'", 'b.ts': "import './c.ts'", 'c.ts': "import('./b.ts')" },
      'b.ts → c.ts → b.ts',
    ],
    ['of headers', { 'a.h': '#include "x/b.h"', 'x/b.h': '#include "../a.h"' }, 'a.h → x/b.h → a.h'],
    ['of one file', { 'a.ts': "import './a.ts'" }, 'a.ts → a.ts'],
  ])('report a circle %s', (_name, files, circle) => {
    expect(circlesOf(files as unknown as Record<string, string>)).toContain(circle)
  })

  it('may lead to a common file', () => {
    expect(
      circlesOf({ 'a.ts': "import './b.ts'\nimport './c.ts'", 'b.ts': "import './c.ts'", 'c.ts': '' }),
    ).toEqual([])
  })
})
