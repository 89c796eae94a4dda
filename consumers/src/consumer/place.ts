import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A running program. */
export interface Started {
  readonly ended: Promise<Ended>
  /** The first part of its output that matches. Rejects if it ends without one. */
  printed(pattern: RegExp): Promise<string>
  signal(signal: NodeJS.Signals): void
}

/** A user's project, away from the clone, on a machine with Node.js and without a compiler, with its own home. */
export class Place {
  readonly folder: string
  readonly #root: string
  readonly #environment: NodeJS.ProcessEnv

  /** @param environment for every command, in addition to that of a bare machine */
  constructor(manifest: object, environment: NodeJS.ProcessEnv) {
    this.#root = mkdtempSync(join(tmpdir(), 'frameport-consumer-'))
    this.folder = join(this.#root, 'app')
    const [bin, home] = [join(this.#root, 'bin'), join(this.#root, 'home')]
    for (const path of [this.folder, bin, home]) mkdirSync(path)
    symlinkSync(process.execPath, join(bin, 'node'))
    symlinkSync('/bin/sh', join(bin, 'sh'))
    this.#environment = {
      PATH: bin,
      HOME: home,
      LANG: 'C.UTF-8',
      CI: '1',
      TMPDIR: this.#root,
      ...environment,
    }
    writeFileSync(join(this.folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
    copyFileSync(join(fixtures, 'program.mjs'), join(this.folder, 'program.mjs'))
  }

  /** A folder of the machine outside of the project: a cache. */
  beside(name: string): string {
    return join(this.#root, name)
  }

  /** An empty folder of the machine outside of the project. */
  fresh(): string {
    return mkdtempSync(join(this.#root, 'fresh-'))
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Runs a command to its end, within `limitMs`, in `folder`: by default the project. */
  run(
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    folder = this.folder,
  ): Promise<Ended> {
    return this.start(command, args, environment, folder).ended
  }

  /** Starts a command that keeps running; it is ended after `limitMs`. */
  start(
    command: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    folder = this.folder,
  ): Started {
    // A file: if a program fails, Node.js prints the line, which in a bundle is so long that a pipe gets only its beginning before the end.
    const errors = join(mkdtempSync(join(this.#root, 'errors-')), 'stderr')
    const stderr = openSync(errors, 'w')
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...this.#environment, ...environment },
      stdio: ['ignore', 'pipe', stderr],
      timeout: limitMs,
    })
    closeSync(stderr)
    return startedOf(child, () => readFileSync(errors, 'utf8'))
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}

function startedOf(child: ChildProcess, stderrOf: () => string): Started {
  // Its output is a pipe.
  const stdout = child.stdout as Readable
  const read = { stdout: '' }
  stdout.setEncoding('utf8').on('data', (text: string) => (read.stdout += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...read, stderr: stderrOf() }))
  })
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const [found] = pattern.exec(read.stdout) ?? []
        if (found !== undefined) resolve(found)
      }
      stdout.on('data', look)
      look()
      ended.then(
        () => reject(new Error(`it ended before it printed ${pattern}:\n${read.stdout}${stderrOf()}`)),
        reject,
      )
    })
  return { ended, printed, signal: (signal) => child.kill(signal) }
}

/** An installation contacts a registry behind the one on loopback; a machine may be busy. */
const limitMs = 180_000

/** npm as a file for `node`, because the machine of a place has no npm on its path. */
export function npmCli(): string {
  const folder = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim()
  return join(folder, 'npm/bin/npm-cli.js')
}
