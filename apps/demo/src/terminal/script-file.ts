import { open } from 'node:fs/promises'
import { limits } from '../limits.ts'

export type Script =
  | { readonly lines: readonly string[]; readonly fault?: undefined }
  | { readonly fault: string }

/** Reads a whole script, or returns a sentence that says why it cannot. */
export async function readScript(path: string): Promise<Script> {
  try {
    const bytes = await readBounded(path)
    if (bytes === undefined) {
      return { fault: `The script ${path} is larger than ${limits.scriptBytesMax} bytes: split it.` }
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { lines: linesOf(text) }
  } catch (error) {
    return { fault: faultOf(path, error) }
  }
}

/** Never reads more than one byte over the limit: the path may be a device. */
async function readBounded(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r')
  try {
    const buffer = new Uint8Array(limits.scriptBytesMax + 1)
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled)
      if (bytesRead === 0) return buffer.subarray(0, filled)
      filled += bytesRead
    }
    return undefined
  } finally {
    await file.close()
  }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function faultOf(path: string, error: unknown): string {
  const code = (error as { readonly code?: unknown }).code
  if (code === 'ENOENT') return `There is no script file ${path}. Relative paths start at the current folder.`
  if (code === 'EISDIR') return `${path} is a folder, not a script file.`
  if (code === 'EACCES' || code === 'EPERM')
    return `The script file ${path} cannot be read: check its permissions.`
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return `The script file ${path} is not text in UTF-8.`
  return `The script file ${path} cannot be read: ${String(error)}`
}
