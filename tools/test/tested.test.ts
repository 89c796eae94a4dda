import { describe, expect, it } from 'vitest'
import { readRepositoryFile } from '../src/repository.ts'
import { type Results, testedTables, withTestedTables } from '../src/tested/tables.ts'

const results = JSON.parse(readRepositoryFile('consumers/results.json')) as Results

describe('the test results in docs/platforms.md', () => {
  it('equal those that the commands have recorded (npm run tested writes them)', () => {
    const page = readRepositoryFile('docs/platforms.md')
    expect(withTestedTables(page, results)).toBe(page)
  })

  it('have a row for each runtime, package manager, bundler and compiler, and for the oldest libraries', () => {
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

  it('have no table without rows', () => {
    expect(testedTables({ runtimes: [], consumers: [], bundlers: [], types: [], floor: [] })).toBe('')
    expect(results.consumers.length).toBeGreaterThan(0)
  })
})
