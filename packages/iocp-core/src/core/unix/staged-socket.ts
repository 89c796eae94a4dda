import { mkdtempSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ShortName, shortName } from './short-name.ts'
import { removeQuietly } from './socket-file.ts'

/**
 * The place where a socket is bound before it gets its path: a new folder beside it that only this user may enter
 * (mkdtemp(3)). Nobody can connect there before the mode is set, and the path appears only once the socket listens.
 */
export class StagedSocket {
  /** The absolute path of the file, for calls of the file system. */
  readonly path: string
  readonly #folder: string
  readonly #short: ShortName

  /** @throws the error of mkdtemp(3); IocpError `INVALID_ENDPOINT` */
  constructor(target: string) {
    // ss and lsof show the path at which a socket was bound, so it contains the name that people look for.
    this.#folder = mkdtempSync(join(dirname(target), `.${basename(target)}-`))
    this.path = join(this.#folder, 's')
    try {
      this.#short = shortName(this.path)
    } catch (error) {
      this.#removeFolder()
      throw error
    }
  }

  /** The path for bind(2). */
  get bindPath(): string {
    return this.#short.name
  }

  /** Removes the folder, and the name in it. A socket that was moved to its path keeps the path. */
  remove(): void {
    this.#short.release()
    this.#removeFolder()
  }

  #removeFolder(): void {
    removeQuietly(this.#folder)
  }
}
