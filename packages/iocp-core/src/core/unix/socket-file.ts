import { lstatSync, rmSync, unlinkSync } from 'node:fs'

/** One file, whatever its name: an inode number alone is used again once the file is gone. */
export interface SocketFile {
  readonly dev: bigint
  readonly ino: bigint
  /** When the socket was bound. Neither a link nor a change of the mode moves it. */
  readonly mtimeNs: bigint
  readonly isSocket: boolean
  /** The user who owns it. */
  readonly uid: bigint
}

/**
 * What stands at a path; undefined when there is nothing. A symbolic link is looked at, not followed: bind(2) does not follow
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

/** Removes a path while it still names this file. Where it cannot be removed it stays, and is a stale socket. */
export function removeIfStill(path: string, file: SocketFile): void {
  try {
    if (isSameFile(file, fileAt(path))) unlinkSync(path)
  } catch {
    // Gone meanwhile, or a folder in which nothing may be removed any more.
  }
}

/** Removes a file or a folder with what is in it. What cannot be removed stays, and harms nothing. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // A folder in which nothing may be removed, or a file of somebody else in a folder with the sticky bit.
  }
}

export function systemCodeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
