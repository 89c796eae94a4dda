import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { leaveStaleSocket } from '../../conformance/support/stale-socket.ts'
import { fileAt } from '../../src/core/unix/socket-file.ts'
import { claimPath } from '../../src/core/unix/take-path.ts'
import { type BackendName, createCompletionPort, probe } from '../../src/index.ts'

const backends = process.platform === 'win32' ? [] : probe().filter(({ available }) => available)
const program = fileURLToPath(new URL('../native/children/listen-at-path.ts', import.meta.url))
const nobody = () => undefined

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'frameport-paths-'))
  path = join(folder, 'app.sock')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A process that listens when it is asked to. */
class Starter {
  readonly process: ChildProcess
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  constructor(backend: BackendName) {
    const command = ['--conditions=@frameport/source', '--import', 'tsx', program, backend, path]
    this.process = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.process.stdout! })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  async ask(line: 'listen' | 'close'): Promise<string> {
    this.process.stdin?.write(`${line}\n`)
    return String((await this.#answers.next()).value)
  }

  async end(how: 'SIGKILL' | 'exit'): Promise<void> {
    const exited = once(this.process, 'exit')
    if (how === 'exit') this.process.stdin?.write('exit\n')
    else this.process.kill(how)
    await exited
  }
}

const answerAt = (at: string) => text(connect(at))

async function listening(at: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  server.listen(at)
  await once(server, 'listening')
  return server
}

describe.each(backends)('on $backend', ({ backend }) => {
  test('the socket of a process that was killed is taken over by the next one', {
    timeout: 60_000,
  }, async () => {
    const killed = new Starter(backend)
    expect(await killed.ask('listen')).toBe('listens')
    expect(await answerAt(path)).toBe(String(killed.process.pid))
    await killed.end('SIGKILL')
    expect(readdirSync(folder)).toEqual(['app.sock'])
    const next = new Starter(backend)
    expect(await next.ask('listen')).toBe('listens')
    expect(await answerAt(path)).toBe(String(next.process.pid))
    await next.end('exit')
    // process.exit removes the path; a kill cannot.
    expect(readdirSync(folder)).toEqual([])
  })

  test('one of several processes that start together at a stale socket wins, and stays reachable', {
    timeout: 120_000,
  }, async () => {
    const starters = Array.from({ length: 4 }, () => new Starter(backend))
    for (let round = 0; round < 25; round++) {
      await leaveStaleSocket(path)
      const answers = await Promise.all(starters.map((starter) => starter.ask('listen')))
      expect([...answers].sort()).toEqual(['ADDRESS_IN_USE', 'ADDRESS_IN_USE', 'ADDRESS_IN_USE', 'listens'])
      const winner = starters[answers.indexOf('listens')]!
      expect(await answerAt(path)).toBe(String(winner.process.pid))
      expect(readdirSync(folder)).toEqual(['app.sock'])
      expect(await winner.ask('close')).toBe('closed')
      expect(readdirSync(folder)).toEqual([])
    }
    await Promise.all(starters.map((starter) => starter.end('SIGKILL')))
  })
})

describe('a stale socket that another process has claimed', () => {
  /** The path of the claim on the file at `at`. */
  const claimOn = (at: string) => claimPath(path, fileAt(at)!)

  test('is replaced if that process died, even if one that had claimed the claim died too; no claim is left', async () => {
    await leaveStaleSocket(path)
    const first = claimOn(path)
    await leaveStaleSocket(first)
    await leaveStaleSocket(claimOn(first))
    const port = createCompletionPort({ backend: 'net' })
    await port.listen({ kind: 'unix', path }, (connection) => connection.abort())
    expect(readdirSync(folder)).toEqual(['app.sock'])
    await port.close()
    expect(readdirSync(folder)).toEqual([])
  })

  test('is left to that process as long as it lives', async () => {
    await leaveStaleSocket(path)
    const { ino } = lstatSync(path)
    const other = await listening(join(folder, 'other'))
    linkSync(join(folder, 'other'), claimOn(path))
    const port = createCompletionPort({ backend: 'net' })
    const error = await port.listen({ kind: 'unix', path }, nobody).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ADDRESS_IN_USE' })
    expect(String(error)).toMatch(/another server is replacing the stale socket there/)
    expect(lstatSync(path).ino).toBe(ino)
    await port.close()
    expect(Object.values(port.counters).every((count) => count === 0)).toBe(true)
    other.close()
    await once(other, 'close')
  })
})
