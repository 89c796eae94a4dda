import { describe, expect, it } from 'vitest'
import { versionProblems } from '../../src/release/check-versions.ts'

/** A package that needs another one in a range, in a release that has a version of that. */
function problemsOf(range: string, version: string): readonly string[] {
  const manifest = {
    name: '@frameport/client',
    version: '1.0.0',
    dependencies: { '@frameport/framing': range },
  }
  return versionProblems(manifest, new Map([['@frameport/framing', version]]))
}

describe('what a package needs of ours', () => {
  // A package without a change keeps its range, while the other one gets patches and features.
  it.each([
    ['^1.2.3', '1.2.3'],
    ['^1.2.3', '1.2.10'],
    ['^1.2.3', '1.10.0'],
    ['^0.2.3', '0.2.4'],
    ['^0.0.0', '0.0.0'],
    ['^1.0.0-next.1', '1.0.0-next.1'],
    // A candidate of one package alone, and the version behind the last one.
    ['^1.0.0-rc.0', '1.0.0-rc.1'],
    ['^1.0.0-rc.9', '1.0.0-rc.10'],
    ['^1.0.0-rc.0', '1.0.0'],
    ['^1.0.0-rc.0', '1.1.0'],
  ])('%s is met by %s', (range, version) => {
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
  ])('%s is not met by %s', (range, version) => {
    expect(problemsOf(range, version)).toEqual([
      `it needs @frameport/framing ${range}, and the release has ${version}`,
    ])
  })
})
