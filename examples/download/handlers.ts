import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { implement } from '@frameport/server'
import { type FileFacts, files } from './contract.ts'

/** Large enough that a piece costs little, small enough that calls of others are not kept waiting. */
const pieceBytes = 64 * 1024
/** Files whose facts are remembered. */
const rememberedMax = 1_000

export function implementFiles(folder: string) {
  const remembered = new Map<string, FileFacts>()

  /** Undefined when there is no such file. The caller closes it. */
  async function openFile(name: string): Promise<FileHandle | undefined> {
    try {
      const file = await open(join(folder, name))
      if ((await file.stat()).isFile()) return file
      await file.close()
      return undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error // INTERNAL for the client, and in the log of the server.
    }
  }

  async function versionOf(file: FileHandle): Promise<{ bytes: number; version: string }> {
    const { size, mtimeMs, ino } = await file.stat()
    return { bytes: size, version: `${ino}-${mtimeMs}-${size}` }
  }

  /** Reads the whole file once for its check sum, and remembers it until the file changes. */
  async function factsOf(name: string, file: FileHandle, signal: AbortSignal): Promise<FileFacts> {
    const { bytes, version } = await versionOf(file)
    const known = remembered.get(name)
    if (known?.version === version) return known
    const hash = createHash('sha256')
    for await (const piece of file.createReadStream({ autoClose: false, start: 0, signal }))
      hash.update(piece)
    const facts = { name, bytes, version, sha256: hash.digest('hex') }
    const [oldest] = remembered.keys()
    if (remembered.size >= rememberedMax && oldest !== undefined) remembered.delete(oldest)
    remembered.set(name, facts)
    return facts
  }

  return implement(files).handlers({
    async describe({ input: { name }, signal, errors }) {
      const file = await openFile(name)
      if (file === undefined) throw errors.NO_SUCH_FILE({ name }, `There is no file '${name}'.`)
      try {
        return await factsOf(name, file, signal)
      } finally {
        await file.close()
      }
    },

    /**
     * Reads a piece when the client has room for one: the generator waits at its `yield` for the client and for the
     * socket, so a slow client costs one piece and its window, not the file.
     */
    async *read({ input: { name, version, from }, errors }) {
      const file = await openFile(name)
      if (file === undefined) throw errors.NO_SUCH_FILE({ name }, `There is no file '${name}'.`)
      try {
        const current = await versionOf(file)
        if (current.version !== version) throw errors.CHANGED({ version: current.version })
        for (let position = from; position < current.bytes; ) {
          // A new buffer each time: what was yielded belongs to the call until it is sent.
          const piece = new Uint8Array(Math.min(pieceBytes, current.bytes - position))
          const { bytesRead } = await file.read(piece, 0, piece.length, position)
          if (bytesRead === 0) throw errors.CHANGED({ version: (await versionOf(file)).version })
          position += bytesRead
          yield piece.subarray(0, bytesRead)
        }
      } finally {
        // Also when the client has left in the middle.
        await file.close()
      }
    },
  })
}
