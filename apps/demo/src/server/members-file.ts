import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { byteSize } from '../byte-sizes.ts'
import { limits } from '../limits.ts'
import { type Memory, MemoryRow } from './memory.ts'

/**
 * Who is in the chat, in a file of one JSON row for each change. A row is written before anybody hears of the change, so that a server that is killed has
 * told nothing that it does not know after its start; what the system has not written when the machine fails is lost. The file is bounded: from time to time
 * the state takes its place, written beside it and renamed.
 */
export class MembersFile implements Memory {
  readonly rows: readonly MemoryRow[]
  readonly #path: string
  readonly #log: Pick<Logger, 'warn' | 'error'>
  /** Undefined until the first change: a server that finds its port in use must not touch the file of the one that has it. */
  #descriptor: number | undefined
  #bytes = 0
  #rewriteBytes = 0
  #isBroken = false

  /** @throws Error of the file system, or one that says that the file is something else */
  constructor(path: string, log: Pick<Logger, 'warn' | 'error'>) {
    this.#path = path
    this.#log = log
    this.rows = this.#read()
  }

  keep(change: MemoryRow, state: () => readonly MemoryRow[]): void {
    try {
      if (this.#descriptor === undefined || this.#bytes >= this.#rewriteBytes) this.#rewrite(state())
      else this.#append(textOf(change))
      this.#isBroken = false
    } catch (err) {
      // Half a row may stand there: the next change writes everything anew.
      this.close()
      if (!this.#isBroken)
        this.#log.error(
          { err, file: this.#path },
          'the members cannot be written: a restart would not know who was there',
        )
      this.#isBroken = true
    }
  }

  close(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) closeSync(descriptor)
  }

  #append(text: string): void {
    const { length } = Buffer.from(text)
    if (writeSync(this.#descriptor ?? -1, text) < length) throw new Error('only a part of a row was written')
    this.#bytes += length
  }

  #rewrite(rows: readonly MemoryRow[]): void {
    this.close()
    mkdirSync(dirname(this.#path), { recursive: true })
    const besidePath = `${this.#path}.new`
    // Who talks to whom: nobody else on this machine is to read them.
    this.#descriptor = openSync(besidePath, 'w', 0o600)
    this.#bytes = 0
    for (const row of rows) this.#append(textOf(row))
    fsyncSync(this.#descriptor)
    renameSync(besidePath, this.#path)
    this.#rewriteBytes = Math.max(limits.membersFileBytes, 2 * this.#bytes)
  }

  #read(): readonly MemoryRow[] {
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size
    if (bytes === undefined || bytes === 0) return []
    if (bytes > limits.membersFileBytesMax)
      throw this.#foreign(
        `it has ${byteSize(bytes)}, and such a file ${byteSize(limits.membersFileBytesMax)} at most`,
      )
    const texts = readFileSync(this.#path, 'utf8').split('\n')
    // Behind the last line end nothing stands, or half a row of a server that was killed.
    const rows = texts.slice(0, -1).map(rowOf)
    if (rows[0]?.kind !== 'members') throw this.#foreign('it does not begin like one')
    const good = rows.filter((row) => row !== undefined)
    if (good.length < rows.length)
      this.#log.warn(
        { file: this.#path, rows: rows.length - good.length },
        'rows of the file of members cannot be read: those people have to join again',
      )
    return good
  }

  #foreign(why: string): Error {
    return new Error(
      `${this.#path} is no file of members of this chat (${why}): choose another folder with --data.`,
    )
  }
}

function textOf(row: MemoryRow): string {
  return `${JSON.stringify(row)}\n`
}

function rowOf(text: string): MemoryRow | undefined {
  try {
    return MemoryRow.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
