import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { largeContractSources, procedureCount } from './large-contract.ts'

const secondsMax = 10
const packageFolder = fileURLToPath(new URL('../..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

let folder = ''

beforeAll(async () => {
  // Below the package, so that imports resolve as they do for a user, and where git does not look.
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
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        outDir: 'out',
        rootDir: join(packageFolder, '..', '..'),
      },
      include: ['*.ts'],
    }),
  )
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test(`${procedureCount} nested procedures, their handlers and their calls type-check with declarations in under ${secondsMax} s`, {
  timeout: 120_000,
}, async () => {
  const { output, exitCode, wallSeconds, cpuSeconds } = await runCompiler()
  process.stdout.write(`tsc: ${wallSeconds.toFixed(1)} s wall, ${cpuSeconds.toFixed(1)} s CPU\n`)
  expect(output).toBe('')
  expect(exitCode).toBe(0)
  // CPU time is what a machine of one's own would take at most; the wall clock counts the neighbours, too.
  expect(Math.min(wallSeconds, cpuSeconds)).toBeLessThan(secondsMax)
})

test('the emitted declarations hold no any', async () => {
  const texts = await declarations()
  expect(texts.length).toBeGreaterThanOrEqual(3)
  for (const text of texts) expect(text).not.toMatch(/\bany\b/)
})

async function declarations(): Promise<readonly string[]> {
  const files = await readdir(join(folder, 'out'), { recursive: true })
  const own = files.filter((name) => /(?:large\.contract|handlers|calls)\.d\.ts$/.test(name))
  return Promise.all(own.map((name) => readFile(join(folder, 'out', name), 'utf8')))
}

/** Prints the process's CPU time as the last line when the compiler is done. */
const printCpuTime = `process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  process.stderr.write('cpu ' + (user + system) / 1e6)
})`

async function runCompiler() {
  const startedMs = performance.now()
  const preload = `data:text/javascript,${encodeURIComponent(printCpuTime)}`
  const child = spawn(process.execPath, ['--import', preload, tsc, '-p', folder, '--pretty', 'false'])
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
