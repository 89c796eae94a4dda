import { fstatSync, readSync } from 'node:fs'

/** A page in the write-ahead log. The format: https://www.sqlite.org/fileformat.html#the_write_ahead_log */
export interface WalFrame {
  readonly page: number
  /** The last page of a committed transaction. */
  readonly isCommit: boolean
  /** The offset of its bytes in the file. */
  readonly offset: number
  /** Whether it is unchanged, judged by the checksum of the frame before it. */
  readonly isWhole: boolean
}

export interface WriteAheadLog {
  readonly frames: readonly WalFrame[]
  /** The number of frames from the first one on that SQLite reads: all of them are intact. */
  readonly wholeCount: number
  readonly isHeaderWhole: boolean
  readonly pageBytes: number
}

const headerBytes = 32
const frameHeaderBytes = 24
const magics = { little: 0x377f0682, big: 0x377f0683 } as const

type Sums = readonly [number, number]

/** Reads the positions of the pages. Frames of an earlier use of the file, which come after the others, are ignored. */
export function readWriteAheadLog(file: number, pageBytes: number): WriteAheadLog {
  const size = fstatSync(file).size
  const header = readAt(file, 0, headerBytes)
  const magic = header.length < headerBytes ? 0 : header.readUInt32BE(0)
  const isBig = magic === magics.big
  const isHeaderWhole =
    (isBig || magic === magics.little) &&
    isSame(sumsIn(header, 24), sumsOf(header.subarray(0, 24), [0, 0], isBig))
  const given = isHeaderWhole ? header.readUInt32BE(8) : pageBytes
  if (given !== pageBytes) return { frames: [], wholeCount: 0, isHeaderWhole, pageBytes: given }
  const frames: WalFrame[] = []
  let salt = isHeaderWhole ? header.subarray(16, 24) : undefined
  let before: Sums | undefined = isHeaderWhole ? sumsIn(header, 24) : undefined
  let wholeCount = 0
  let slots = 0
  const frameBytes = frameHeaderBytes + pageBytes
  for (let at = headerBytes; at + frameBytes <= size; at += frameBytes) {
    const frame = readAt(file, at, frameBytes)
    salt ??= Buffer.from(frame.subarray(8, 16))
    if (salt.equals(frame.subarray(8, 16))) {
      const isWhole = before !== undefined && isSame(sumsIn(frame, 16), sumsOfFrame(frame, before, isBig))
      const isCommit = frame.readUInt32BE(4) !== 0
      frames.push({ page: frame.readUInt32BE(0), isCommit, offset: at + frameHeaderBytes, isWhole })
      if (isWhole && wholeCount === slots) wholeCount += 1
    }
    slots += 1
    before = sumsIn(frame, 16)
  }
  return { frames, wholeCount, isHeaderWhole, pageBytes }
}

/**
 * Whether a committed transaction was lost. SQLite reads up to the first damaged frame and silently ignores the rest.
 * That is correct if a loss of power has torn the last transaction, which was not confirmed. But each transaction
 * begins only when the previous one is on the disk, so if frames of two transactions follow the last commit before the
 * damage, the first of them was committed. There are two if two commits follow, or if a page occurs twice, because a
 * transaction writes each page once (see `cache_spill`).
 */
export function hasLostCommits({ frames, wholeCount, isHeaderWhole }: WriteAheadLog): boolean {
  if (!isHeaderWhole) return frames.length > 0
  if (wholeCount === frames.length) return false
  const lastCommit = frames.slice(0, wholeCount).findLastIndex(({ isCommit }) => isCommit)
  const left = frames.slice(lastCommit + 1).filter(({ isWhole }) => isWhole)
  const pages = new Set(left.map(({ page }) => page))
  return pages.size < left.length || left.filter(({ isCommit }) => isCommit).length > 1
}

function readAt(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, at))
}

function sumsIn(bytes: Buffer, at: number): Sums {
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
}

function isSame([a, b]: Sums, [c, d]: Sums): boolean {
  return a === c && b === d
}

function sumsOfFrame(frame: Buffer, before: Sums, isBig: boolean): Sums {
  return sumsOf(frame.subarray(frameHeaderBytes), sumsOf(frame.subarray(0, 8), before, isBig), isBig)
}

function sumsOf(bytes: Buffer, [first, second]: Sums, isBig: boolean): Sums {
  let a = first
  let b = second
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + b + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))) >>> 0
    b = (b + a + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4))) >>> 0
  }
  return [a, b]
}
