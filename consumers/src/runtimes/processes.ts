import { type ChildProcess, spawn } from 'node:child_process'
import type { Runtime } from './runtimes.ts'

export type Environment = Readonly<Record<string, string>>

export interface Ended {
  readonly code: number | null
  /** The text of both streams, and a sentence if the process had to be ended. */
  readonly output: string
}

/** Only for a process that hangs: it does not measure the machine. */
const limitMs = 900_000

export function start({ command }: Runtime, args: readonly string[], environment: Environment): ChildProcess {
  const [program, ...before] = command
  return spawn(program, [...before, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
}

export function run(runtime: Runtime, args: readonly string[], environment: Environment): Promise<Ended> {
  return ending(start(runtime, args, environment))
}

/** The output of a process when it has ended. Never rejects: for one that cannot be started, it contains the reason. */
export function ending(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let output = ''
    const add = (text: string) => {
      output += text
    }
    child.stdout?.setEncoding('utf8').on('data', add)
    child.stderr?.setEncoding('utf8').on('data', add)
    child.on('error', (error) => resolve({ code: null, output: String(error) }))
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') add(`\nit was ended after ${limitMs / 1_000} s, or by the system\n`)
      else if (signal !== null) add(`\nit was ended by ${signal}\n`)
      resolve({ code, output })
    })
  })
}

/** @throws Error if the process ends before it has printed that */
export function until(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = ''
    const look = (text: string) => {
      output += text
      const found = pattern.exec(output)
      if (found !== null) resolve(found)
    }
    child.stdout?.setEncoding('utf8').on('data', look)
    child.stderr?.setEncoding('utf8').on('data', look)
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`the server ended with ${code}: ${output}`)))
  })
}
