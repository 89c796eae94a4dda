import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../src/repository.ts'

const names = ['framing', 'iocp-core', 'protocol', 'client', 'server', 'testing']
const folder = mkdtempSync(join(tmpdir(), 'frameport-pack-'))

afterAll(() => rmSync(folder, { recursive: true }))

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

function pack(name: string): Packed {
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: join(repositoryRoot, 'packages', name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const parsed = JSON.parse(output) as Packed[] | Record<string, Packed>
  const packed = Array.isArray(parsed) ? parsed[0] : Object.values(parsed)[0]
  if (packed === undefined) throw new Error(`npm pack printed nothing for ${name}`)
  return packed
}

function runTool(tool: string, ...args: string[]): string {
  return execFileSync(join(repositoryRoot, 'node_modules/.bin', tool), args, {
    encoding: 'utf8',
    cwd: folder,
  })
}

describe.each(names)('the tarball of %s', (name) => {
  const packed = pack(name)
  const tarball = join(folder, packed.filename)
  const paths = packed.files.map((file) => file.path)

  it('holds the build, the sources and the readme, and nothing that would make npm compile', () => {
    expect(paths).toContain('dist/index.js')
    expect(paths).toContain('dist/index.d.ts')
    expect(paths).toContain('src/index.ts')
    expect(paths).toContain('README.md')
    expect(paths.filter((path) => /binding\.gyp$|\.test\.ts$|\.node$|^test\//.test(path))).toEqual([])
  })

  it('passes publint', () => {
    expect(runTool('publint', '--strict', tarball)).toContain('All good')
  })

  it('resolves its types everywhere ESM does', () => {
    // It ends with an error, which throws here, when a resolution of ESM has a problem.
    expect(runTool('attw', tarball, '--profile', 'esm-only')).toMatch(/node16 \(from ESM\)[^\n]*🟢 \(ESM\)/)
  })
})

describe('the command in the tarball of iocp-core', () => {
  // Five starts of npm, on a machine that does other things.
  it('runs where the package is installed, by the name of the package and by its own', {
    timeout: 120_000,
  }, () => {
    const app = mkdtempSync(join(folder, 'app-'))
    const npm = (program: 'npm' | 'npx', ...args: string[]) =>
      execFileSync(program, args, { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    npm('npm', 'init', '-y')
    npm('npm', 'install', '--offline', '--no-audit', '--no-fund', join(folder, pack('iocp-core').filename))
    // Without a binary in the tarball, node:net is what works there.
    const report = JSON.parse(
      npm('npx', '--offline', '@frameport/iocp-core', 'doctor', '--json', '--require', 'net'),
    )
    expect(report).toMatchObject({ required: 'net', ok: true, createCompletionPort: { backend: 'net' } })
    expect(npm('npx', '--offline', 'iocp-core', '--require', 'net')).toContain(
      'net, which is required, works.',
    )
    expect(JSON.parse(npm('npx', '--offline', 'iocp-core', '--seccomp-profile'))).toHaveProperty('syscalls')
  })
})
