import { describe, expect, it } from 'vitest'
import { readRepositoryFile } from '../src/repository.ts'
import { type Results, testedTables, withTestedTables } from '../src/tested/tables.ts'

const results = JSON.parse(readRepositoryFile('consumers/results.json')) as Results

describe('what docs/platforms.md says was tested', () => {
  it('is what the commands that test it have written (npm run tested writes it there)', () => {
    const page = readRepositoryFile('docs/platforms.md')
    expect(withTestedTables(page, results)).toBe(page)
  })

  it('has a row for each runtime, each package manager, each bundler, each compiler and the oldest libraries', () => {
    const table = testedTables({
      runtimes: [
        { runtime: 'Node.js 1', backend: 'net', suite: '9 passed, 0 failed, 2 skipped' },
        { runtime: 'Node.js 1', backend: 'epoll', suite: '11 passed, 0 failed, 0 skipped' },
      ],
      consumers: [{ installedBy: 'npm 1', runBy: 'Node.js 1', backend: 'epoll' }],
      bundlers: [{ bundledBy: 'webpack 1', format: 'ESM', backend: 'epoll' }],
      types: [{ compiler: 'TypeScript 1', resolutions: ['bundler'] }],
      floor: [{ libraries: 'glibc 1', runBy: 'Node.js 1', backend: 'epoll' }],
    })
    expect(table).toContain('| Node.js 1 | – | 11 passed | 9 passed, 2 skipped |')
    expect(table).toContain('| npm 1 | Node.js 1 | `epoll` |')
    expect(table).toContain('| webpack 1 | ESM | `epoll` | `net` |')
    expect(table).toContain('| TypeScript 1 | – | compiles |')
    expect(table).toContain('| glibc 1 | Node.js 1 | `epoll` |')
  })

  it('has no table without a row', () => {
    expect(testedTables({ runtimes: [], consumers: [], bundlers: [], types: [], floor: [] })).toBe('')
    expect(results.consumers.length).toBeGreaterThan(0)
  })
})
