import { lstatSync, rmSync, unlinkSync } from 'node:fs'

/** One file, whatever its name: an inode number alone is reused once the file is gone. */
export interface SocketFile {
  readonly dev: bigint
  readonly ino: bigint
  /** The time at which the socket was bound. Neither a link nor a change of the mode changes it. */
  readonly mtimeNs: bigint
  readonly isSocket: boolean
  /** The user that owns it. */
  readonly uid: bigint
}

/**
 * The file at a path; undefined if there is none. A symbolic link is not followed, because bind(2) does not follow
 * it either.
 *
 * @throws the error of lstat(2), other than ENOENT
 */
export function fileAt(path: string): SocketFile | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) return undefined
  const { dev, ino, mtimeNs, uid } = found
  return { dev, ino, mtimeNs, uid, isSocket: found.isSocket() }
}

export function isSameFile(one: SocketFile, other: SocketFile | undefined): boolean {
  return (
    other !== undefined && one.dev === other.dev && one.ino === other.ino && one.mtimeNs === other.mtimeNs
  )
}

/** Removes a path while it still names this file. If it cannot be removed, it stays as a stale socket. */
export function removeIfStill(path: string, file: SocketFile): void {
  try {
    if (isSameFile(file, fileAt(path))) unlinkSync(path)
  } catch {
    // Already gone, or in a folder from which nothing may be removed.
  }
}

/** Removes a file or a folder with its content. Anything that cannot be removed stays, and does no harm. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // A folder from which nothing may be removed, or another user's file in a folder with the sticky bit.
  }
}

export function systemCodeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
