import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { npmFiles, npmNode } from '../npm-files.ts'
import type { FloorResult } from '../record.ts'
import { Place } from './place.ts'
import { ranOn, reportOf } from './report.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const core = join(root, 'packages/iocp-core')
const target = 'linux-x64-gnu'

/** The libraries of RHEL 7, from a toolchain for programs that have to run there. */
const libraries = 'glibc 2.17, libstdc++ 6.0.19'
const toolchain = '@napi-rs/cross-toolchain-x64-target-x86_64@1.0.0'
/** The newest version of nodejs.org that starts there; no Node.js 20 for these systems is on npm. */
const oldNode = '17.9.1'
/** The features of Node.js 20 that it lacks and that the program uses. */
const newer = [
  "require('node:os').availableParallelism ??= () => require('node:os').cpus().length",
  "globalThis.crypto ??= require('node:crypto').webcrypto",
].join(';')

/**
 * Runs a program on the published addon, with the loader and the libraries of the oldest supported system.
 *
 * @throws Error with the output of the program, if it does not run on the requested back end
 */
export async function checkFloor(): Promise<readonly FloorResult[]> {
  execFileSync(process.execPath, [join(core, 'scripts/build-addon.mjs'), '--target', target])
  const addon = join(core, 'build/prebuilt', target, 'frameport.node')
  const folder = oldLibraries()
  const node = npmNode('linux-x64', oldNode)
  const place = new Place({ name: 'floor', private: true }, { FRAMEPORT_ADDON: addon })
  try {
    const program = place.beside('program.cjs')
    await bundle(program)
    const results: FloorResult[] = []
    for (const backend of ['epoll', 'io_uring']) {
      const loader = [join(folder, 'ld-2.17.so'), '--library-path', folder] as const
      const [command, ...args] = [...loader, node, program]
      const ended = await place.run(command, args, { FRAMEPORT_BACKEND: backend })
      const report = reportOf(ended.stdout)
      if (ended.code !== 0 || !ranOn(backend, report))
        throw new Error(`${libraries}: ${backend} was asked for:\n${ended.stdout}${ended.stderr}`)
      const runBy = report?.runtime ?? `Node.js ${oldNode}`
      process.stdout.write(`${libraries}, run by ${runBy}: ${backend}\n`)
      results.push({ libraries, runBy, backend })
    }
    return results
  } finally {
    place.remove()
  }
}

/** The folder with the loader and the libraries. */
function oldLibraries(): string {
  const archive = 'package/x86_64-unknown-linux-gnu.tar.xz'
  const folder = npmFiles(toolchain, [archive], (fresh) => {
    const inside = './x86_64-unknown-linux-gnu/sysroot/lib'
    execFileSync('tar', ['-xJf', join(fresh, archive), '-C', fresh, inside])
    rmSync(join(fresh, 'package'), { recursive: true })
    mkdirSync(join(fresh, 'package'))
    renameSync(join(fresh, inside), join(fresh, 'package/lib'))
    rmSync(join(fresh, 'x86_64-unknown-linux-gnu'), { recursive: true })
  })
  return join(folder, 'package/lib')
}

/** As CommonJS, in which names can be added to modules of Node.js. */
async function bundle(outfile: string): Promise<void> {
  await build({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${oldNode}`,
    conditions: ['@frameport/source'],
    logLevel: 'error',
    banner: { js: newer },
    entryPoints: [join(root, 'consumers/fixtures/program.mjs')],
    outfile,
  })
}
