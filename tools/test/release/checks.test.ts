import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addonProblems } from '../../src/release/check-addon.ts'
import { fieldProblems } from '../../src/release/check-fields.ts'
import { packageProblems } from '../../src/release/check-package.ts'
import { versionProblems } from '../../src/release/check-versions.ts'
import { platforms } from '../../src/release/platform-packages.ts'
import { type Manifest, publishedPackages } from '../../src/release/published-packages.ts'
import { stagePackage } from '../../src/release/stage-package.ts'
import { repositoryRoot } from '../../src/repository.ts'

const place = mkdtempSync(join(tmpdir(), 'frameport-checks-'))
const staged = join(place, 'staged')
const packages = publishedPackages()
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))
let manifest: Manifest

beforeAll(() => {
  const client = packages.find(({ manifest }) => manifest.name === '@frameport/client')
  if (client === undefined) throw new Error('the client is not published')
  stagePackage(client, {}, staged)
  manifest = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'))
})
afterAll(() => rmSync(place, { recursive: true }))

function copied(): string {
  const folder = mkdtempSync(join(place, 'changed-'))
  cpSync(staged, folder, { recursive: true })
  return folder
}

/** The package of the client with one change. */
function changed(file: string, how: (text: string) => string): string {
  const folder = copied()
  const path = join(folder, file)
  writeFileSync(path, how(readFileSync(path, 'utf8')))
  return folder
}

function changedManifest(fields: object): string {
  return changed('package.json', (text) => JSON.stringify({ ...JSON.parse(text), ...fields }))
}

function added(file: string, text: string): string {
  const folder = copied()
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
  return folder
}

function without(file: string): string {
  const folder = copied()
  rmSync(join(folder, file))
  return folder
}

describe('the check of packages before they are published', () => {
  it('finds nothing in the packed packages', () => {
    expect(packageProblems(staged, versions)).toEqual([])
  })

  it.each([
    [{ scripts: { postinstall: 'node build.js' } }, 'postinstall would run'],
    [{ repository: undefined }, 'names no directory'],
    [
      { repository: { url: 'git+https://example.com/x.git', directory: 'packages/client' } },
      'does not name the repository',
    ],
    [{ repository: { directory: 'packages/none' } }, 'packages/none, where no package is'],
    [{ homepage: 'https://example.com/' }, 'does not lead to its own release'],
    [{ bugs: undefined }, 'does not lead to the issues'],
    [{ description: undefined }, 'no field description'],
    [{ engines: { node: '>=18' } }, 'asks for Node.js >=18'],
    [{ os: ['linux'] }, 'its field os is not'],
    [{ publishConfig: undefined }, 'does not make it public'],
    [{ publishConfig: { access: 'public', provenance: true } }, 'sets provenance'],
    [{ private: true }, 'it is private'],
    [{ exports: { '.': { '@frameport/source': './src/index.ts' } } }, 'name sources'],
    [{ exports: { '.': './dist/none.js' } }, 'names dist/none.js, which is not in the package'],
    [{ bin: { none: 'bin/none.mjs' } }, 'names bin/none.mjs, which is not in the package'],
    [{ bin: { readme: './README.md' } }, 'README.md does not say that node runs it'],
    [{ files: ['dist', 'vectors'] }, 'names vectors, of which nothing is in the package'],
    [{ license: undefined }, 'no field license'],
    [{ dependencies: { '@frameport/protocol': '^9.0.0' } }, 'needs @frameport/protocol ^9.0.0'],
    [{ dependencies: { '@frameport/unknown': '^1.0.0' } }, 'which is not in the release'],
    [{ dependencies: { ms: 'file:../ms' } }, 'which no registry has'],
    [
      { optionalDependencies: { '@frameport/iocp-core-win32-x64': '9.0.0' } },
      'and the release has undefined',
    ],
  ])('finds %j', (fields, problem) => {
    expect(packageProblems(changedManifest(fields), versions).join()).toContain(problem)
  })

  it('finds a core that does not name all addons of the release', () => {
    const folder = changedManifest({ name: '@frameport/iocp-core', dependencies: {} })
    const withAddon = new Map([...versions, ['@frameport/iocp-core-win32-x64', '1.0.0']])
    expect(packageProblems(folder, withAddon).join()).toContain(
      'does not name @frameport/iocp-core-win32-x64',
    )
  })

  it('finds an addon with another version than the core, and one for another system', () => {
    const addon = { ...manifest, name: '@frameport/iocp-core-win32-x64', version: '9.0.0', os: ['linux'] }
    expect(versionProblems(addon, versions).join()).toContain('it has the version 9.0.0')
    expect(fieldProblems(addon).join()).toContain('its field os is not')
    expect(fieldProblems(addon).join()).toContain('its field cpu is not')
  })

  it.each(['README.md', 'LICENSE'])('finds that %s is missing', (file) => {
    expect(packageProblems(without(file), versions).join()).toContain(`it has no ${file}`)
  })

  it('finds a missing file, and names the field that requires it', () => {
    expect(packageProblems(without('dist/index.d.ts'), versions).join()).toContain(
      'names dist/index.d.ts, which is not in the package',
    )
    const chunk = readdirSync(join(staged, 'dist')).find((name) => /-.{8}\.js$/.test(name))
    if (chunk === undefined) throw new Error('the build of the client has no chunks')
    expect(packageProblems(without(`dist/${chunk}`), versions).join()).toContain(
      `imports ./${chunk}, which is not in the package`,
    )
  })

  it('finds an import that no dependency provides', () => {
    const folder = changed('dist/index.js', (text) => `import 'left-pad'\n${text}`)
    expect(packageProblems(folder, versions).join()).toContain('imports left-pad, which it does not name')
  })

  it('finds built files that import each other', () => {
    const folder = changed('dist/index.js', (text) => `import './browser.js'\nimport './tcp.js'\n${text}`)
    writeFileSync(join(folder, 'dist/tcp.js'), "import './index.js'\n")
    expect(packageProblems(folder, versions).join()).toContain(
      'its build has a circle of imports: dist/index.js → dist/tcp.js → dist/index.js',
    )
  })

  it.each(['src/call.test.ts', 'test/call.ts', '.npmrc', 'tsconfig.json', 'dist/build.log'])(
    'finds that %s is useless',
    (file) => {
      expect(packageProblems(added(file, ''), versions).join()).toContain(`${file} is of no use`)
    },
  )

  it('finds a README with statements that are no longer true', () => {
    const folder = changed('README.md', (text) => `${text}\nNot on npm yet: pack it in a clone.\n`)
    expect(packageProblems(folder, versions).join()).toContain('says that the package is not on npm')
  })

  it('finds a license that differs from that of the repository', () => {
    const folder = changed('LICENSE', (text) => text.replace('MIT', 'My'))
    expect(packageProblems(folder, versions).join()).toContain('not that of the repository')
  })

  it('finds a core whose build has another version', () => {
    const folder = changedManifest({ name: '@frameport/iocp-core', version: '9.0.0', dependencies: {} })
    expect(packageProblems(folder, versions).join()).toContain('does not hold the version 9.0.0')
  })

  it.each([
    ['[x](../../docs/errors.md)', "which leads nowhere on npm's page"],
    ['![x](picture.svg)', "which leads nowhere on npm's page"],
    ['<img src="docs/picture.svg">', "docs/picture.svg, which leads nowhere on npm's page"],
    ['[x](ADDRESS/blob/REF/docs/none.md)', 'docs/none.md, which the repository does not have'],
    ['[x](ADDRESS/blob/main/docs/errors.md)', 'links to main, and not to its own release'],
  ])('finds the link %s', (link, problem) => {
    expect(packageProblems(withLink('README.md', link), versions).join()).toContain(problem)
  })

  it('allows a changelog to link to files of the commits that it lists', () => {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: repositoryRoot,
      encoding: 'utf8',
    }).trim()
    const problemsOf = (path: string) =>
      packageProblems(withLink('CHANGELOG.md', `[x](ADDRESS/blob/${commit}/${path})`), versions)
    expect(problemsOf('README.md')).toEqual([])
    expect(problemsOf('docs/none.md').join()).toContain(`which the commit ${commit} does not have`)
  })

  function withLink(file: string, link: string): string {
    const readme = readFileSync(join(staged, 'README.md'), 'utf8')
    const [, address = '', ref = ''] = /\]\((https:[^)]+)\/blob\/([^/]+)\//.exec(readme) ?? []
    const text = link.replace('ADDRESS', address).replace('REF', ref)
    return added(file, file === 'README.md' ? `${readme}\n${text}\n` : `${text}\n`)
  }

  it('finds duplicate sources, and maps that name a missing file', () => {
    const twice = changed('dist/index.js.map', (text) =>
      JSON.stringify({ ...JSON.parse(text), sourcesContent: ['x'] }),
    )
    const nobody = changed('dist/index.js.map', (text) =>
      JSON.stringify({ ...JSON.parse(text), sources: ['../src/none.ts'] }),
    )
    expect(packageProblems(twice, versions).join()).toContain('holds the sources once more')
    expect(packageProblems(nobody, versions).join()).toContain('../src/none.ts, which is not in the package')
  })

  it('finds requirements of an addon that old systems do not meet', () => {
    // Node.js for Linux requires more than an addon may: its own libraries, and a newer glibc.
    expect(addonProblems(process.execPath).join()).toMatch(
      /it needs the library .+|it needs GLIBC_2\.(1[89]|[2-9])/,
    )
  })

  it('finds that an addon needs a C++ library, as Node.js does', () => {
    expect(addonProblems(process.execPath)).toContain('it needs the library libstdc++.so.6')
  })
})

describe('the packages with addons', () => {
  it('are those that the core looks for, and each has a build', async () => {
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
