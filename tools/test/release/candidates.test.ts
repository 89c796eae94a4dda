import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../../src/release/published-packages.ts'
import { readRepositoryFile, repositoryRoot } from '../../src/repository.ts'

const stateFile = '.changeset/pre.json'
const isPre = existsSync(join(repositoryRoot, stateFile))
const { changesets: released = [] } = (isPre ? JSON.parse(readRepositoryFile(stateFile)) : {}) as {
  changesets?: readonly string[]
}

describe('candidates', () => {
  it.each(released)('keep the changeset %s, from which the next version is calculated', (name) => {
    expect(existsSync(join(repositoryRoot, `.changeset/${name}.md`))).toBe(true)
  })

  it('have each been requested by a changeset, so that the next one gets a higher number', () => {
    const texts = released.map((name) => readRepositoryFile(`.changeset/${name}.md`)).join('\n')
    const candidates = publishedPackages().filter(({ manifest }) => manifest.version.includes('-rc.'))
    const forgotten = candidates
      .map(({ manifest }) => manifest.name)
      .filter((name) => !texts.includes(`'${name}': `))
    expect(forgotten).toEqual([])
  })
})
