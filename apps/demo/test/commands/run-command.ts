import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { typescriptArguments } from '../../../../tests/support/typescript-arguments.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const sources = fileURLToPath(new URL('../../src/commands/', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts one of the commands directly, without npm. */
export function startCommand(command: 'echo' | 'vectors', args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...typescriptArguments, `${sources}${command}.ts`, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Settles when the process has ended and its whole output was read. */
export function finished(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function runCommand(command: 'echo' | 'vectors', ...args: readonly string[]): Promise<Finished> {
  return finished(startCommand(command, args))
}
