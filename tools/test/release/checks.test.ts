import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addonProblems } from '../../src/release/check-addon.ts'
import { packageProblems } from '../../src/release/check-package.ts'
import { platforms } from '../../src/release/platform-packages.ts'
import { publishedPackages } from '../../src/release/published-packages.ts'
import { stagePackage } from '../../src/release/stage-package.ts'
import { repositoryRoot } from '../../src/repository.ts'

const place = mkdtempSync(join(tmpdir(), 'frameport-checks-'))
const staged = join(place, 'staged')
const packages = publishedPackages()
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))

beforeAll(() => {
  const client = packages.find(({ manifest }) => manifest.name === '@frameport/client')
  if (client === undefined) throw new Error('the client is not published')
  stagePackage(client, {}, staged)
})
afterAll(() => rmSync(place, { recursive: true }))

/** The client's package with one thing changed. */
function changed(file: string, how: (text: string) => string): string {
  const folder = mkdtempSync(join(place, 'changed-'))
  cpSync(staged, folder, { recursive: true })
  const path = join(folder, file)
  writeFileSync(path, how(readFileSync(path, 'utf8')))
  return folder
}

function changedManifest(fields: object): string {
  return changed('package.json', (text) => JSON.stringify({ ...JSON.parse(text), ...fields }))
}

describe('the check of what is published', () => {
  it('finds nothing in what is packed', () => {
    expect(packageProblems(staged, versions)).toEqual([])
  })

  it.each([
    [{ scripts: { postinstall: 'node build.js' } }, 'postinstall would run'],
    [{ repository: undefined }, 'does not name the repository'],
    [
      { repository: { url: 'git+https://example.com/x.git', directory: 'x' } },
      'does not name the repository',
    ],
    [{ exports: { '.': { '@frameport/source': './src/index.ts' } } }, 'name sources'],
    [{ license: undefined }, 'no field license'],
    [{ dependencies: { '@frameport/protocol': '^9.0.0' } }, 'needs @frameport/protocol ^9.0.0'],
    [{ dependencies: { '@frameport/unknown': '^1.0.0' } }, 'which is not in the release'],
    [
      { optionalDependencies: { '@frameport/iocp-core-win32-x64': '9.0.0' } },
      'and the release has undefined',
    ],
  ])('finds %j', (fields, problem) => {
    expect(packageProblems(changedManifest(fields), versions).join()).toContain(problem)
  })

  it('finds a core that does not name each addon of the release', () => {
    const folder = changedManifest({ name: '@frameport/iocp-core', dependencies: {} })
    const withAddon = new Map([...versions, ['@frameport/iocp-core-win32-x64', '1.0.0']])
    expect(packageProblems(folder, withAddon).join()).toContain(
      'does not name @frameport/iocp-core-win32-x64',
    )
  })

  it.each([
    ['[x](../../docs/errors.md)', "which leads nowhere on npm's page"],
    ['![x](picture.svg)', "which leads nowhere on npm's page"],
    ['[x](ADDRESS/blob/REF/docs/none.md)', 'docs/none.md, which the repository does not have'],
    ['[x](ADDRESS/blob/main/docs/errors.md)', 'links to main, and not to its own release'],
  ])('finds the link %s', (link, problem) => {
    const readme = readFileSync(join(staged, 'README.md'), 'utf8')
    const [, address = '', ref = ''] = /\]\((https:[^)]+)\/blob\/([^/]+)\//.exec(readme) ?? []
    const text = link.replace('ADDRESS', address).replace('REF', ref)
    const folder = changed('README.md', (before) => `${before}\n${text}\n`)
    expect(packageProblems(folder, versions).join()).toContain(problem)
  })

  it('finds sources that are there twice, and maps that name a file of nobody', () => {
    const twice = changed('dist/index.js.map', (text) =>
      JSON.stringify({ ...JSON.parse(text), sourcesContent: ['x'] }),
    )
    const nobody = changed('dist/index.js.map', (text) =>
      JSON.stringify({ ...JSON.parse(text), sources: ['../src/none.ts'] }),
    )
    expect(packageProblems(twice, versions).join()).toContain('holds the sources once more')
    expect(packageProblems(nobody, versions).join()).toContain('../src/none.ts, which is not in the package')
  })

  it('finds what an addon asks for beyond old systems', () => {
    // Node.js for Linux asks for more than an addon may: libraries of its own, and a newer glibc.
    expect(addonProblems(process.execPath).join()).toMatch(
      /it needs the library .+|it needs GLIBC_2\.(1[89]|[2-9])/,
    )
  })
})

describe('the packages with addons', () => {
  it('are those that the core looks for, and for each there is a build', async () => {
    const { prebuiltPackages } = (await import(
      join(repositoryRoot, 'packages/iocp-core/src/native/prebuilt-package.ts')
    )) as { prebuiltPackages: Record<string, string> }
    const own = platforms.map(({ machine, packageName }) => [`${machine.os}-${machine.cpu}`, packageName])
    expect(Object.fromEntries(own)).toEqual(prebuiltPackages)
    const { linuxTargets } = (await import(
      join(repositoryRoot, 'packages/iocp-core/scripts/linux-targets.mjs')
    )) as { linuxTargets: Record<string, string> }
    const linux = platforms.filter(({ machine }) => machine.os === 'linux')
    expect(Object.fromEntries(linux.map(({ target, machine }) => [target, machine.cpu]))).toEqual(
      linuxTargets,
    )
  })
})
