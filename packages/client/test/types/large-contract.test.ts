import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largeContractSources, procedureCount } from './large-contract.ts'

const secondsMax = 10
/** The time in seconds to compile `small.ts` on the two-core machine of the author, with little other load. */
const smallSeconds = 1.7
const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

const smallSource = `import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'
export const small = contract('small', { version: 1, procedures: { call: procedure({ input: z.string() }) } })
`

let folder = ''

beforeAll(async () => {
  // The folder is inside the package, so that imports resolve as they do for a user, and git ignores it.
  const caches = join(packageFolder, 'node_modules', '.cache')
  await mkdir(caches, { recursive: true })
  folder = await mkdtemp(join(caches, 'large-contract-'))
  for (const [name, text] of Object.entries(largeContractSources())) await writeFile(join(folder, name), text)
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(packageFolder, '..', '..', 'tsconfig.base.json'),
      compilerOptions: {
        types: ['node'],
        // As for a user, the compiler reads the built declarations, not the sources.
        customConditions: [],
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        outDir: 'out',
        rootDir: join(packageFolder, '..', '..'),
      },
      include: ['*.ts'],
    }),
  )
  await writeFile(
    join(folder, 'small.json'),
    '{"extends":"./tsconfig.json","include":[],"files":["small.ts"]}',
  )
  await writeFile(join(folder, 'small.ts'), smallSource)
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Compiles a small program first. On a busy machine both take longer, and the limit grows with the small one. */
async function measure() {
  const small = await runCompiler('small.json')
  const slowness = Math.max(1, small.wallSeconds / smallSeconds)
  const large = await runCompiler('tsconfig.json')
  process.stdout.write(
    `tsc: ${large.wallSeconds.toFixed(1)} s wall, ${large.cpuSeconds.toFixed(1)} s CPU; ` +
      `a small program ${small.wallSeconds.toFixed(1)} s wall: this machine counts ${slowness.toFixed(1)} times\n`,
  )
  return { small, large, slowness }
}

test(`${procedureCount} nested procedures, their handlers and their calls type-check with declarations in under ${secondsMax} s`, {
  timeout: 240_000,
}, async () => {
  let { small, large, slowness } = await measure()
  // Other tests that run at the same time may have slowed down one of the two. A real regression is slow each time.
  for (let again = 0; again < 2 && large.wallSeconds >= secondsMax * slowness; again++)
    ({ small, large, slowness } = await measure())
  expect(small.output).toBe('')
  expect(large.output).toBe('')
  expect(large.exitCode).toBe(0)
  expect(large.wallSeconds).toBeLessThan(secondsMax * slowness)
})

test('the emitted declarations contain no any', async () => {
  const texts = await declarations()
  expect(texts.length).toBeGreaterThanOrEqual(3)
  for (const text of texts) expect(text).not.toMatch(/\bany\b/)
})

async function declarations(): Promise<readonly string[]> {
  const files = await readdir(join(folder, 'out'), { recursive: true })
  const own = files.filter((name) => /(?:large\.contract|handlers|calls)\.d\.ts$/.test(name))
  return Promise.all(own.map((name) => readFile(join(folder, 'out', name), 'utf8')))
}

/** Prints the CPU time of the process as the last line of the compiler. */
const printCpuTime = `process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  process.stderr.write('cpu ' + (user + system) / 1e6)
})`

async function runCompiler(config: string) {
  const startedMs = performance.now()
  const preload = `data:text/javascript,${encodeURIComponent(printCpuTime)}`
  const child = spawn(process.execPath, [
    '--import',
    preload,
    tsc,
    '-p',
    join(folder, config),
    '--pretty',
    'false',
  ])
  let output = ''
  let cpuText = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    cpuText += chunk
  })
  const exitCode = await new Promise<number | null>((done) => child.on('close', done))
  const wallSeconds = (performance.now() - startedMs) / 1000
  const cpuSeconds = Number(/cpu ([\d.]+)/.exec(cpuText)?.[1] ?? Number.NaN)
  return { output, exitCode, wallSeconds, cpuSeconds }
}
