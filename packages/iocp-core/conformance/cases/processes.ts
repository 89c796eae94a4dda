import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ConformanceCase, ConformanceContext } from '../conformance-case.ts'
import { isWine } from '../support/is-wine.ts'
import { runtime } from '../support/runtime.ts'
import { silentEndpoint } from '../support/silent-endpoint.ts'

/** A suite that was bundled to plain JavaScript has its children bundled beside it. */
const isBundled = import.meta.url.endsWith('.mjs')

/** What has to stand in front of this program where another processor is emulated: `qemu-aarch64 -L /usr/aarch64-linux-gnu`. */
const emulator = process.env.FRAMEPORT_CONFORMANCE_EMULATOR?.split(' ') ?? []

/** Node runs TypeScript through tsx; the others by themselves. */
function runtimeArguments(): readonly string[] {
  if (runtime === 'Deno') return ['run', '-A']
  if (process.versions.bun !== undefined || isBundled) return []
  return ['--conditions=@frameport/source', '--import', 'tsx']
}

interface ChildResult {
  readonly code: number | null
  readonly output: string
}

/** Runs a program of children/ with the back end's name, under a limit of descriptors where one is given. */
function runChild(
  context: ConformanceContext,
  name: string,
  { args = [], descriptorsMax }: { args?: readonly string[]; descriptorsMax?: number } = {},
): Promise<ChildResult> {
  const file = `${name}.${isBundled ? 'mjs' : 'ts'}`
  const program = fileURLToPath(new URL(`../children/${file}`, import.meta.url))
  const command = [...emulator, process.execPath, ...runtimeArguments(), program, context.backend, ...args]
  const limit = descriptorsMax === undefined ? '' : `ulimit -n ${descriptorsMax} && `
  const child =
    limit === ''
      ? spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  context.cleanUp(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Whoever runs the suite where no program can be started says so. */
function noChildren(): string | undefined {
  return process.env.FRAMEPORT_CONFORMANCE_NO_CHILDREN === undefined
    ? undefined
    : 'child processes do not work here (FRAMEPORT_CONFORMANCE_NO_CHILDREN is set)'
}

export const processCases: readonly ConformanceCase[] = [
  {
    name: 'a listener survives EMFILE, and accepts again when there are free descriptors',
    timeoutMs: 60_000,
    cannotRun({ platform, backend }) {
      if (platform === 'win32') return 'Windows has no such limit of descriptors'
      if (runtime === 'Deno') return 'Deno itself panics when it has no descriptor left'
      if (runtime === 'Bun' && backend === 'net')
        return 'a listener of Bun may use a whole core while there is no descriptor'
      return noChildren()
    },
    async run(context) {
      const { code, output } = await runChild(context, 'survive-emfile', { descriptorsMax: 256 })
      assert.equal(code, 0, output)
      assert.match(output, /^accepting again$/m)
    },
  },
  {
    name: 'an unref’d port lets the process end, no matter what is open and when it was opened',
    timeoutMs: 60_000,
    cannotRun: noChildren,
    async run(context) {
      const { code, output } = await runChild(context, 'unreferenced')
      assert.equal(code, 0, output)
      assert.match(output, /^unreferenced$/m)
    },
  },
  {
    name: 'an unref’d port lets the process end while it connects, and ref keeps it alive again',
    timeoutMs: 60_000,
    cannotRun({ platform, backend }) {
      if (backend === 'net')
        return 'libuv counts a connect under way as active, referenced or not (uv_loop_alive)'
      if (platform !== 'linux' && !isWine)
        return 'only Linux leaves a connect unanswered when a queue is full'
      return noChildren()
    },
    async run(context) {
      const silent = await silentEndpoint(context)
      const { code, output } = await runChild(context, 'connecting', { args: [silent] })
      assert.match(output, /^alive by its connect\nunreferenced\n$/)
      assert.equal(code, 0, output)
    },
  },
  {
    name: 'an unref’d connection lets the process end, but other connections keep it alive until they are unref’d, too',
    timeoutMs: 60_000,
    cannotRun: noChildren,
    async run(context) {
      const { code, output } = await runChild(context, 'unreferenced-connections')
      const lines = ['by the second', 'by the first again', 'without the third'].map(
        (how) => `alive ${how}\n`,
      )
      assert.equal(output, `${lines.join('')}unreferenced\n`)
      assert.equal(code, 0)
    },
  },
  {
    name: 'a port keeps the process alive until it is closed, and again after ref',
    timeoutMs: 60_000,
    cannotRun: noChildren,
    async run(context) {
      const { code, output } = await runChild(context, 'referenced')
      assert.equal(code, 0, output)
      assert.match(output, /^alive by its listener\nalive by its connection\nclosed$/m)
    },
  },
]
