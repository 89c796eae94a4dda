import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { byteSize } from '../../byte-sizes.ts'
import { fileNameFault } from '../../file-names.ts'
import { limits } from '../../limits.ts'
import { fileFault } from './file-faults.ts'
import { shownPath } from './paths.ts'

export type OpenedSource =
  | { readonly source: SourceFile; readonly fault?: undefined }
  | { readonly fault: string; readonly source?: undefined }

/** A file to be sent, open for reading. */
export class SourceFile {
  readonly name: string
  readonly bytes: number
  readonly #handle: FileHandle

  private constructor(name: string, bytes: number, handle: FileHandle) {
    this.name = name
    this.bytes = bytes
    this.#handle = handle
  }

  /** Opens a regular file within the limits, or returns a sentence that says why not. */
  static async open(path: string): Promise<OpenedSource> {
    const name = basename(path).normalize('NFC')
    const shown = shownPath(path)
    let handle: FileHandle | undefined
    try {
      // Without O_NONBLOCK, opening a pipe without a writer waits forever.
      handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
      const facts = await handle.stat()
      const fault = kindFault(shown, facts) ?? sizeFault(shown, facts.size) ?? fileNameFault(name)
      if (fault === undefined) return { source: new SourceFile(name, facts.size, handle) }
      await handle.close()
      return { fault }
    } catch (error) {
      await handle?.close()
      return { fault: fileFault(shown, error, 'read') }
    }
  }

  /**
   * The bytes of the file, then their SHA-256.
   *
   * @throws Error when the file is not as long as it was when it was opened
   */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256')
    let at = 0
    for (;;) {
      // Use a new buffer each time, because earlier chunks may still be in use.
      const buffer = new Uint8Array(limits.fileChunkBytesMax)
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at)
      at += bytesRead
      if (at > this.bytes || (bytesRead === 0 && at < this.bytes)) throw new Error(`${this.name} has changed`)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      yield chunk
    }
    yield hash.digest()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

function kindFault(path: string, facts: { isFile(): boolean; isDirectory(): boolean }): string | undefined {
  if (facts.isDirectory()) return `${path} is a folder: pack it first, with tar or zip, and send the archive.`
  return facts.isFile() ? undefined : `${path} is not a regular file, so its length is not known.`
}

function sizeFault(path: string, bytes: number): string | undefined {
  if (bytes <= limits.fileBytesMax) return undefined
  const most = byteSize(limits.fileBytesMax)
  return `${path} has ${byteSize(bytes)}; the limit is ${most}, because an interrupted transfer starts anew. Use rsync or scp.`
}
