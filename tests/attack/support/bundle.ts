import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const support = fileURLToPath(new URL('./', import.meta.url))
/** Inside the repository, so that the addon is found from here. */
const builds = join(support, '../build')

/** The programs that run in their own processes. */
const programs = [
  'on-client/evil-process',
  'on-client/victim-process',
  'on-server/attacker-process',
  'on-server/good-client',
  'on-server/server-process',
] as const

export type Program = (typeof programs)[number]

/**
 * The programs as plain JavaScript, because a process that compiles TypeScript needs a second and a half before it
 * starts.
 */
export class Bundle {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async made(): Promise<Bundle> {
    await mkdir(builds, { recursive: true })
    const folder = await mkdtemp(join(builds, 'processes-'))
    await build({
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@frameport/source'],
      logLevel: 'error',
      entryPoints: programs.map((program) => join(support, `${program}.ts`)),
      outbase: support,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
    })
    return new Bundle(folder)
  }

  pathOf(program: Program): string {
    return join(this.#folder, `${program}.mjs`)
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}
