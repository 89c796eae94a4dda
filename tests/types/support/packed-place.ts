import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const packages = ['framing', 'iocp-core', 'protocol', 'client', 'server']
const libraries = ['zod', 'valibot', '@standard-schema/spec', '@types/node']

/** The settings of a user who enables all checks of the compiler. */
const settings = {
  target: 'es2023',
  lib: ['es2023'],
  types: ['node'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
}

/** A folder outside of the repository with the packages as they are published, without their sources. */
export class PackedPlace {
  readonly folder = mkdtempSync(join(tmpdir(), 'frameport-types-'))

  constructor() {
    const modules = join(this.folder, 'node_modules')
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    for (const name of packages) {
      const [packed] = JSON.parse(
        execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder], {
          cwd: join(repository, 'packages', name),
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      ) as [{ readonly filename: string }]
      const target = join(modules, '@frameport', name)
      mkdirSync(target, { recursive: true })
      execFileSync('tar', ['-xzf', join(this.folder, packed.filename), '-C', target, '--strip-components=1'])
    }
    for (const name of libraries) {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(join(repository, 'node_modules', name), join(modules, name))
    }
  }

  /** Copies one of the programs beside this folder, with the same name. */
  copy(program: string): string {
    cpSync(fileURLToPath(new URL(`../programs/${program}`, import.meta.url)), join(this.folder, program))
    return program
  }

  write(program: string, text: string): string {
    writeFileSync(join(this.folder, program), text)
    return program
  }

  /** Writes the configuration with which a compiler compiles these programs. */
  configure(name: string, files: readonly string[], others: object = {}): string {
    const file = join(this.folder, `tsconfig.${name}.json`)
    writeFileSync(file, JSON.stringify({ compilerOptions: { ...settings, ...others }, files }))
    return file
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Returns the output of a compiler, also if it reports errors. */
export function compile(compiler: string, config: string, ...more: string[]): string {
  const args = [join(compiler, 'bin/tsc'), '--project', config, ...more]
  try {
    return execFileSync(process.execPath, args, {
      cwd: dirname(config),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 26,
    })
  } catch (error) {
    const { stdout } = error as { readonly stdout?: unknown }
    if (typeof stdout !== 'string' || stdout === '') throw error
    return stdout
  }
}
