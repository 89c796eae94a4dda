import { createHash } from 'node:crypto'
import { linkSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { IocpError } from '../../iocp-error.ts'
import { limits } from '../../limits.ts'
import { fileAt, isSameFile, removeQuietly, type SocketFile, systemCodeOf } from './socket-file.ts'
import { type ProbeHost, probeSocket } from './socket-probe.ts'

/**
 * Moves a listening socket to its path. If nothing is there: link(2), which never replaces anything. If a stale socket is
 * there: rename(2), which leaves no moment without a file, by the one process that has claimed the stale file. Of any number
 * of processes that start together, one gets the path, and no live socket loses it.
 *
 * @param staged the absolute path at which the socket listens, on the same file system
 * @param target absolute
 * @throws IocpError `ADDRESS_IN_USE`, `NOT_A_SOCKET`; the system's error; the reason of the signal
 */
export async function takePath(staged: string, target: string, host: ProbeHost): Promise<void> {
  for (let tries = limits.unixPathTries.default; tries > 0; tries--) {
    if (linked(staged, target)) return
    const found = fileAt(target)
    // Removed since the link was refused.
    if (found === undefined) continue
    if (!found.isSocket) throw notASocket(target)
    await refuseWhenInUse(target, found, host)
    if (await replaced(staged, target, found, host)) return
  }
  throw inUse(target, 'other servers keep taking and releasing it')
}

/** @returns false if the path exists already */
function linked(existing: string, path: string): boolean {
  try {
    linkSync(existing, path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** @returns false if `dead` is no longer at the path */
async function replaced(staged: string, target: string, dead: SocketFile, host: ProbeHost): Promise<boolean> {
  const claim = await claimed(staged, target, dead, host)
  if (claim === undefined) return false
  // Only the holder of the claim may replace the file. So if it is there now, it stays until the rename.
  let done = false
  try {
    if (isSameFile(dead, fileAt(target))) {
      renameSync(staged, target)
      done = true
    }
    return done
  } finally {
    // Claims of dead makers are useless once their file is gone; while it exists, they lead to it.
    for (const path of done ? [claim.own, ...claim.ofTheDead] : [claim.own]) removeQuietly(path)
  }
}

interface Claim {
  readonly own: string
  /** Claims whose makers died before they replaced the file. */
  readonly ofTheDead: readonly string[]
}

/**
 * Claims a dead file: a second name of our listening socket, derived from the identity of the file. Each name is made once,
 * and a claim is valid while its maker lives, which is tested as for any socket. The claim of a dead maker is a dead file
 * like the first, and is claimed in turn: so no crash can make the path useless. Process ids are not used, because
 * in containers every server is number 1.
 *
 * @returns undefined if another process has just ended its claim
 */
async function claimed(
  staged: string,
  target: string,
  dead: SocketFile,
  host: ProbeHost,
): Promise<Claim | undefined> {
  const ofTheDead: string[] = []
  let file = dead
  while (ofTheDead.length < limits.unixPathTries.default) {
    const own = claimPath(target, file)
    if (linked(staged, own)) return { own, ofTheDead }
    const other = fileAt(own)
    if (other === undefined) return undefined
    if ((await probeSocket(own, host)).answer !== 'refused') {
      throw inUse(target, 'another server is replacing the stale socket there')
    }
    ofTheDead.push(own)
    file = other
  }
  throw inUse(target, 'too many servers have died while they replaced the stale socket there')
}

/** The name of a claim on a dead file, derived from its identity, so that each file has one. */
export function claimPath(target: string, { dev, ino, mtimeNs }: SocketFile): string {
  const identity = createHash('sha256').update(`${target}\0${dev}\0${ino}\0${mtimeNs}`).digest('hex')
  return join(dirname(target), `.${identity.slice(0, 16)}`)
}

/** Returns if nobody listens there. */
async function refuseWhenInUse(path: string, { uid }: SocketFile, host: ProbeHost): Promise<void> {
  const probed = await probeSocket(path, host)
  if (probed.answer === 'listening') {
    throw inUse(path, `a server listens there, and answers; the socket belongs to user ${uid}`)
  }
  if (probed.answer === 'unknown') {
    const why = `the socket there, of user ${uid}, could not be checked for a listening server`
    throw inUse(path, `${why} (${probed.error.systemCode ?? probed.error.code})`, probed.error)
  }
}

function inUse(path: string, why: string, cause?: unknown): IocpError {
  return new IocpError('ADDRESS_IN_USE', {
    detail: `listen unix:${path} (EADDRINUSE), ${why}`,
    systemCode: 'EADDRINUSE',
    fix: 'Stop the other program, or choose another path.',
    cause,
  })
}

function notASocket(path: string): IocpError {
  return new IocpError('NOT_A_SOCKET', {
    detail: `listen unix:${path} (EADDRINUSE)`,
    systemCode: 'EADDRINUSE',
  })
}
