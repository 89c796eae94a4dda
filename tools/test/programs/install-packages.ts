import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '../../src/repository.ts'

const execute = promisify(execFile)
const published = ['framing', 'iocp-core', 'protocol', 'client', 'server']
/** The packages that are needed at run time, and those of the programs. */
const others = ['@standard-schema/spec', 'zod', '@types/node', 'undici-types']

export interface InstalledPrograms {
  readonly folder: string
  /** The compiled file of a program: `file('store/server')`. */
  file(program: string): string
  remove(): void
}

/**
 * Creates a project like that of a user: the packages from their tarballs, not from this repository, and the programs,
 * compiled strictly against the declarations in the tarballs.
 */
export async function installPrograms(names: readonly string[]): Promise<InstalledPrograms> {
  const folder = mkdtempSync(join(tmpdir(), 'frameport-programs-'))
  try {
    await Promise.all(published.map((name) => extractPackage(name, folder)))
    for (const name of others) {
      const link = join(folder, 'node_modules', name)
      mkdirSync(join(link, '..'), { recursive: true })
      symlinkSync(join(repositoryRoot, 'node_modules', name), link)
    }
    for (const name of names)
      cpSync(join(repositoryRoot, 'examples', name), join(folder, 'src', name), { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
    await compile(folder)
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
  return {
    folder,
    file: (program) => join(folder, 'build', `${program}.js`),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Without the condition for the sources of this repository. The declarations of the packages are checked, too. */
const compilerOptions = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  rewriteRelativeImportExtensions: true,
  rootDir: 'src',
  outDir: 'build',
}

async function extractPackage(name: string, folder: string): Promise<void> {
  const tarballs = join(folder, 'tarballs', name)
  const target = join(folder, 'node_modules/@frameport', name)
  mkdirSync(tarballs, { recursive: true })
  mkdirSync(target, { recursive: true })
  await execute('npm', ['pack', '--ignore-scripts', '--pack-destination', tarballs], {
    cwd: join(repositoryRoot, 'packages', name),
  })
  const [tarball] = readdirSync(tarballs)
  if (tarball === undefined) throw new Error(`npm pack made no tarball of ${name}`)
  await execute('tar', ['-xzf', join(tarballs, tarball), '-C', target, '--strip-components=1'])
}

/** @throws Error with the output of the compiler */
async function compile(folder: string): Promise<void> {
  const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc')
  await execute(process.execPath, [tsc, '-p', folder]).catch((error: { stdout?: string }) => {
    throw new Error(`The programs do not compile against the packed packages:\n${error.stdout}`, {
      cause: error,
    })
  })
}
