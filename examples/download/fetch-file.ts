import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { type Client, createClient, isErrorOf } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { type FileFacts, files } from './contract.ts'
import { Progress } from './progress.ts'

export interface FetchOptions {
  readonly url: string
  readonly name: string
  /** Where the file goes. What has come so far is beside it, in `TARGET.VERSION.part`. */
  readonly target: string
  readonly signal: AbortSignal
}

/** Attempts that get no byte, one after the other, until it is given up. */
const vainAttemptsMax = 5
const pauseMs = 500

/**
 * Gets a file, over as many connections as it takes, and puts it in its place when its check sum is right.
 *
 * @throws RpcError what the server refuses, or UNAVAILABLE when it cannot be reached again and again
 * @throws Error when the check sum is wrong; what came is deleted then
 */
export async function fetchFile(options: FetchOptions): Promise<FileFacts> {
  for (let vain = 0; ; ) {
    const progress = { bytes: 0 }
    // A client is one connection: after a cut a new one goes on.
    const client = createClient(files, options.url)
    try {
      return await fetchOver(client, options, progress)
    } catch (error) {
      const isWorthIt = RpcError.is(error) && error.code === 'UNAVAILABLE' && !options.signal.aborted
      if (!isWorthIt) throw error
      vain = progress.bytes > 0 ? 0 : vain + 1
      if (vain >= vainAttemptsMax) throw error
      console.log(`cut: ${error.message}; trying again`)
      await waited(error.retryAfterMs ?? pauseMs, options.signal)
    } finally {
      await client.$close({ graceMs: 0 })
    }
  }
}

async function fetchOver(
  client: Client<typeof files>,
  { name, target, signal }: FetchOptions,
  progress: { bytes: number },
): Promise<FileFacts> {
  // The server may read the whole file for its check sum first.
  const facts = await client.describe({ name }, { signal, deadlineMs: 120_000 })
  const partial = `${target}.${facts.version}.part`
  const file = await open(partial, 'a+')
  try {
    const hash = createHash('sha256')
    const from = await hashOfPart(file, hash)
    if (from > 0) console.log(`going on at byte ${from}`)
    const line = new Progress(facts.bytes, from)
    let position = from
    for await (const piece of client.read({ name, version: facts.version, from }, { signal })) {
      // The disk is not filled by a server that never ends.
      if (position + piece.length > facts.bytes)
        throw new Error(`The server sent more than ${facts.bytes} bytes.`)
      // Written before the next piece is asked for: a slow disk makes the server wait. `writeFile` appends all of it.
      await file.writeFile(piece)
      hash.update(piece)
      position += piece.length
      progress.bytes += piece.length
      line.update(position)
    }
    await file.sync()
    if (hash.digest('hex') !== facts.sha256) {
      await rm(partial)
      throw new Error(`The check sum of ${name} is wrong: what came is deleted. Try again.`)
    }
  } catch (error) {
    // What there is of the old file is of no use.
    if (isErrorOf(files.procedures.read, error) && error.code === 'CHANGED') await rm(partial)
    throw error
  } finally {
    await file.close()
  }
  await rename(partial, target)
  return facts
}

/** Hashes what an earlier attempt has left, so that the check sum is of the whole file. Gives its length. */
async function hashOfPart(file: FileHandle, hash: ReturnType<typeof createHash>): Promise<number> {
  let bytes = 0
  for await (const piece of file.createReadStream({ autoClose: false, start: 0 })) {
    hash.update(piece)
    bytes += piece.length
  }
  return bytes
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
