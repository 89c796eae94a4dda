import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { limits } from '../../limits.ts'
import { firstUnsafeCharacter } from '../../safe-text.ts'

/** Where the person was: npm goes to the folder of the repository before it runs the chat. */
export function startFolder(): string {
  return process.env.INIT_CWD ?? process.cwd()
}

/** Resolves a typed path. No shell has processed it, so this removes quotes around it and replaces `~`. */
export function typedPath(typed: string, folder: string): string {
  const plain = /^(["'])(.+)\1$/.exec(typed)?.[2] ?? typed
  return resolve(folder, withHome(plain))
}

/** A path as a person reads it best: below the start folder, or below the home folder, without that. */
export function shownPath(path: string): string {
  const below = relative(startFolder(), path)
  if (below !== '' && !below.startsWith('..') && !isAbsolute(below)) return below
  const inHome = relative(homedir(), path)
  return inHome === '' || inHome.startsWith('..') || isAbsolute(inHome) ? path : join('~', inHome)
}

export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
}

/**
 * Returns the completions of a typed path. Hidden files are included if a dot was typed. Names with characters that a
 * terminal would interpret are not included.
 */
export function pathChoices(typed: string, folder: string): string[] {
  const start = /^.*\//.exec(typed)?.[0] ?? ''
  const name = typed.slice(start.length)
  try {
    const entries = readdirSync(resolve(folder, withHome(start === '' ? '.' : start)), {
      withFileTypes: true,
    })
    return entries
      .filter((entry) => entry.name.toLowerCase().startsWith(name.toLowerCase()))
      .filter((entry) => name.startsWith('.') || !entry.name.startsWith('.'))
      .filter((entry) => firstUnsafeCharacter(entry.name) === undefined)
      .map((entry) => `${start}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort()
      .slice(0, limits.pathChoicesMax)
  } catch {
    return []
  }
}

function withHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
