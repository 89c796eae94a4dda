import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { releaseProblems } from '../../src/release/check-release.ts'
import { packAll, type Tarball } from '../../src/release/pack-all.ts'
import { publishAll } from '../../src/release/publish-all.ts'
import { repositoryRoot } from '../../src/repository.ts'

// Packed like a release, but only with the addon for systems of this kind.
const target = 'linux-x64-gnu'
const folder = mkdtempSync(join(tmpdir(), 'frameport-pack-'))
const tarballs = packAll(folder, [target])
const published = tarballs.filter(({ name }) => !name.endsWith(target))

afterAll(() => rmSync(folder, { recursive: true }))

function tarballOf(name: string): string {
  const found = tarballs.find((tarball) => tarball.name === name)
  if (found === undefined) throw new Error(`${name} was not packed`)
  return join(folder, found.file)
}

function filesOf(name: string): readonly string[] {
  const list = execFileSync('tar', ['-tzf', tarballOf(name)], { encoding: 'utf8' })
  return list
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''))
}

function runTool(tool: string, ...args: string[]): string {
  return execFileSync(join(repositoryRoot, 'node_modules/.bin', tool), args, {
    encoding: 'utf8',
    cwd: folder,
  })
}

describe('a release', () => {
  it('has no problem that its check finds', () => {
    expect(releaseProblems(folder)).toEqual([])
  })

  it('is in the order of publishing: addons first, then each package after those that it needs', () => {
    expect(tarballs.map(({ name }) => name.replace('@frameport/', ''))).toEqual([
      `iocp-core-${target}`,
      'framing',
      'iocp-core',
      'protocol',
      'client',
      'server',
      'broker-nats',
      'log-sqlite',
      'testing',
    ])
  })

  it.each(tarballs)('passes publint: $name', ({ name }) => {
    expect(runTool('publint', '--strict', tarballOf(name))).toContain('All good')
  })
})

describe('the check of a release', () => {
  /** The same tarballs with another list. */
  function listed(how: (list: Tarball[]) => Tarball[]): string {
    const other = mkdtempSync(join(folder, 'listed-'))
    for (const { file } of tarballs) symlinkSync(join(folder, file), join(other, file))
    writeFileSync(join(other, 'release.json'), JSON.stringify(how([...tarballs])))
    return other
  }

  it('finds a missing tarball', () => {
    const other = listed(([first, ...rest]) => [{ ...first, file: 'none.tgz' } as Tarball, ...rest])
    expect(releaseProblems(other).join()).toContain('names none.tgz, which is not there')
  })

  it('finds a version that does not match', () => {
    const other = listed((list) =>
      list.map((one) => (one.name === '@frameport/framing' ? { ...one, version: '9.0.0' } : one)),
    )
    const problems = releaseProblems(other).join('\n')
    expect(problems).toContain('release.json says @frameport/framing 9.0.0')
    expect(problems).toMatch(
      /@frameport\/client: it needs @frameport\/framing \S+, and the release has 9\.0\.0/,
    )
  })

  it('does not let a candidate become the latest version', () => {
    const other = listed(([first]) => [{ ...first, version: '9.0.0-next.0' } as Tarball])
    const options = { tag: 'latest', provenance: false, dryRun: true }
    expect(() => publishAll(other, options, () => {})).toThrow('publish it with --tag next')
  })
})

describe.each(published)('the tarball of $name', ({ name }) => {
  it('contains the build, the sources and the readme, and nothing that would make npm compile', () => {
    const paths = filesOf(name)
    expect(paths).toContain('dist/index.js')
    expect(paths).toContain('dist/index.d.ts')
    expect(paths).toContain('src/index.ts')
    expect(paths).toContain('README.md')
    expect(paths.filter((path) => /binding\.gyp$|\.test\.ts$|\.node$|^test\//.test(path))).toEqual([])
  })

  it('resolves its types everywhere that ESM works', () => {
    // The tool fails, and this throws, if a resolution of ESM has a problem.
    expect(runTool('attw', tarballOf(name), '--profile', 'esm-only')).toMatch(
      /node16 \(from ESM\)[^\n]*🟢 \(ESM\)/,
    )
  })
})

describe('the command in the tarball of iocp-core', () => {
  // Five starts of npm, on a machine that may be busy.
  it('runs where the package is installed, by the name of the package and by its own name', {
    timeout: 120_000,
  }, () => {
    const app = mkdtempSync(join(folder, 'app-'))
    const npm = (program: 'npm' | 'npx', ...args: string[]) =>
      execFileSync(program, args, { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    npm('npm', 'init', '-y')
    const both = [tarballOf('@frameport/iocp-core'), tarballOf(`@frameport/iocp-core-${target}`)]
    npm('npm', 'install', '--offline', '--no-audit', '--no-fund', ...both)
    const report = JSON.parse(
      npm('npx', '--offline', '@frameport/iocp-core', 'doctor', '--json', '--require', 'epoll'),
    )
    expect(report).toMatchObject({ required: 'epoll', ok: true })
    expect(npm('npx', '--offline', 'iocp-core', '--require', 'net')).toContain(
      'net, the required back end, works.',
    )
    expect(JSON.parse(npm('npx', '--offline', 'iocp-core', '--seccomp-profile'))).toHaveProperty('syscalls')
  })
})
