import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { byteSize } from '../../byte-sizes.ts'
import { numberedFileName } from '../../file-names.ts'
import { limits } from '../../limits.ts'

/**
 * A file that is arriving. Its name is `NAME.part` until it is complete and its checksum is right. It never replaces
 * another file: if a name is in use, a number is added.
 */
export class PartFile {
  /** The path under which it will be saved, unless another file takes that path meanwhile. */
  readonly path: string
  readonly #partPath: string
  readonly #handle: FileHandle
  #isOpen = true

  private constructor(path: string, partPath: string, handle: FileHandle) {
    this.path = path
    this.#partPath = partPath
    this.#handle = handle
  }

  /**
   * @throws Error of the file system, and one with the code ENOSPC when the file would not fit
   */
  static async create(wanted: string, bytes: number): Promise<PartFile> {
    const folder = dirname(wanted)
    await mkdir(folder, { recursive: true })
    await checkRoom(folder, bytes)
    for (const path of numbered(wanted)) {
      const partPath = `${path}.part`
      if (await exists(path)) continue
      const handle = await openNew(partPath)
      if (handle !== undefined) return new PartFile(path, partPath, handle)
    }
    throw noName(wanted)
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten
  }

  /** Gives the file its name. Returns the path that it got. */
  async save(): Promise<string> {
    await this.#handle.sync()
    await this.#close()
    for (const path of numbered(this.path)) {
      // The name is taken first, with a file of our own, so that nothing else is replaced.
      const place = await openNew(path)
      if (place === undefined) continue
      await place.close()
      await rename(this.#partPath, path)
      return path
    }
    throw noName(this.path)
  }

  /** Removes the incomplete file. Does nothing to a saved file. */
  async discard(): Promise<void> {
    await this.#close()
    await rm(this.#partPath, { force: true })
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#handle.close()
  }
}

function* numbered(path: string): Generator<string> {
  for (let number = 1; number <= limits.fileNamesTriedMax; number += 1) {
    yield join(dirname(path), numberedFileName(basename(path), number))
  }
}

/** Creates a new file, or returns undefined if the path exists. Does not follow links. */
async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder)
  // File systems of programs often do not know their size and say 0.
  if (blocks === 0 || bytes <= bavail * bsize) return
  throw Object.assign(new Error(`only ${byteSize(bavail * bsize)} are free`), { code: 'ENOSPC' })
}

function noName(path: string): Error {
  return new Error(`${limits.fileNamesTriedMax} numbered files with this name already exist: ${path}`)
}
