import { describe, expect, it } from 'vitest'
import { versionProblems } from '../../src/release/check-versions.ts'

/** The problems of a package that needs another one in a range, in a release that has this version of it. */
function problemsOf(range: string, version: string): readonly string[] {
  const manifest = {
    name: '@frameport/client',
    version: '1.0.0',
    dependencies: { '@frameport/framing': range },
  }
  return versionProblems(manifest, new Map([['@frameport/framing', version]]))
}

describe('the range of a dependency on another package of this repository', () => {
  // A package without a change keeps its range, while the other package gets patches and features.
  it.each([
    ['^1.2.3', '1.2.3'],
    ['^1.2.3', '1.2.10'],
    ['^1.2.3', '1.10.0'],
    ['^0.2.3', '0.2.4'],
    ['^0.0.0', '0.0.0'],
    ['^1.0.0-next.1', '1.0.0-next.1'],
    // A candidate of one package alone, and the version after the last candidate.
    ['^1.0.0-rc.0', '1.0.0-rc.1'],
    ['^1.0.0-rc.9', '1.0.0-rc.10'],
    ['^1.0.0-rc.0', '1.0.0'],
    ['^1.0.0-rc.0', '1.1.0'],
  ])('%s allows %s', (range, version) => {
    expect(problemsOf(range, version)).toEqual([])
  })

  it.each([
    ['^1.2.3', '1.2.2'],
    ['^1.2.3', '1.1.9'],
    ['^1.2.3', '2.0.0'],
    ['^1.2.3', '2.3.4'],
    ['^0.2.3', '0.3.0'],
    ['^0.0.0', '0.0.1'],
    ['^1.2.3', '1.2.4-next.1'],
    ['^1.2.3', '1.2.3-next.1'],
    ['^1.0.0-rc.1', '1.0.0-rc.0'],
    ['^1.0.0-rc.0', '1.0.0-next.1'],
    ['^1.0.0-rc.0', '1.0.1-rc.0'],
    ['^1.0.0-rc.0', '2.0.0'],
    ['1.2.3', '1.2.4'],
    ['*', '1.2.3'],
  ])('%s does not allow %s', (range, version) => {
    expect(problemsOf(range, version)).toEqual([
      `it needs @frameport/framing ${range}, and the release has ${version}`,
    ])
  })
})
