import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ChildResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** Runs a program of children/ to its end. A crash gives a signal instead of an exit code. */
export function runChild(
  file: string,
  options: {
    readonly args?: readonly string[]
    readonly nodeArguments?: readonly string[]
    readonly environment?: NodeJS.ProcessEnv
  } = {},
): Promise<ChildResult> {
  const program = fileURLToPath(new URL(`./children/${file}`, import.meta.url))
  return runNode(
    [
      '--conditions=@frameport/source',
      '--import',
      'tsx',
      ...(options.nodeArguments ?? []),
      program,
      ...(options.args ?? []),
    ],
    options.environment,
  )
}

export function runNode(
  nodeArguments: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<ChildResult> {
  const child = spawn(process.execPath, nodeArguments, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, output }))
  })
}
