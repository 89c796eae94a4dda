import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** One of the compared sides: a checkout, and the variables for its programs. */
export interface Side {
  readonly name: string
  /** The root of the checkout. */
  readonly folder: string
  readonly variables: Readonly<Record<string, string>>
}

const settings = /^(.*?):((?:[A-Z_][A-Z0-9_]*=).*)$/s
/** A value may contain commas: only a comma before another name separates. */
const nextSetting = /,(?=[A-Z_][A-Z0-9_]*=)/

/**
 * Reads `FOLDER` or `FOLDER:KEY=VALUE,KEY=VALUE`. The variables of the text override the given ones.
 *
 * @throws Error for a folder that is not a checkout
 */
export function readSide(name: string, text: string, variables: Side['variables'] = {}): Side {
  const [, folder = text, pairs = ''] = settings.exec(text) ?? []
  const own = pairs.split(nextSetting).filter((pair) => pair !== '')
  const split = own.map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)] as const
  })
  return { name, folder: checkout(folder), variables: { ...variables, ...Object.fromEntries(split) } }
}

function checkout(folder: string): string {
  if (!existsSync(join(folder, 'packages/server/src')))
    throw new Error(`${folder} is not the root of a checkout: it has no packages/server/src.`)
  if (!existsSync(join(folder, 'node_modules/@frameport')))
    throw new Error(`${folder} is not installed. Run npm ci there.`)
  return realpathSync(folder)
}

/** The path of the checkout's addon, for programs in other folders; none if it does not exist, as on other systems. */
export function addonVariable({ folder }: Side): Record<string, string> {
  const file = join(folder, 'packages/iocp-core/build', `${process.platform}-${process.arch}/frameport.node`)
  return existsSync(file) ? { FRAMEPORT_ADDON: file } : {}
}
