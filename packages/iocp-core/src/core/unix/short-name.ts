import { mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { IocpError } from '../../iocp-error.ts'
import { limits } from '../../limits.ts'
import { removeQuietly } from './socket-file.ts'

export interface ShortName {
  /** At most {@link limits} `unixPathBytes`, so that bind(2) and connect(2) take it. */
  readonly name: string
  /** Removes the files that the name needed. The file itself stays. */
  release(): void
}

/**
 * A name of a file that fits into the address of a socket: its path, or a path through a symbolic link to its folder, in a
 * folder of our own. The files beside a socket have longer names than the socket, and a relative path may be short although
 * the absolute one is not.
 *
 * @throws IocpError `INVALID_ENDPOINT` if the folder of temporary files has too long a name, too
 */
export function shortName(path: string): ShortName {
  if (fits(path)) return { name: path, release() {} }
  const folder = mkdtempSync(join(tmpdir(), 'frameport-'))
  const release = () => removeQuietly(folder)
  const link = join(folder, 'd')
  const name = join(link, basename(path))
  if (!fits(name)) {
    release()
    throw new IocpError('INVALID_ENDPOINT', {
      detail: `Cannot use ${path}, a temporary name beside it is longer than ${limits.unixPathBytes.max} bytes, even through ${tmpdir()}`,
      fix: 'Choose a shorter folder for the socket, or set TMPDIR to a shorter one.',
    })
  }
  symlinkSync(dirname(path), link)
  return { name, release }
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= limits.unixPathBytes.max
}
