/** Parsers of the files under /proc (proc(5)). They take the text and return its facts, or undefined for missing ones. */

export interface ProcessStatus {
  /** 0: no filter, 1: strict, 2: a filter is in force. */
  readonly seccompMode: number | undefined
  /** A bit for each capability in force, numbered as in capabilities(7). */
  readonly capabilities: bigint | undefined
  /** Groups of the process: the effective one and the supplementary ones. */
  readonly groups: readonly number[]
}

/** /proc/self/status */
export function parseStatus(text: string): ProcessStatus {
  const field = (name: string) => new RegExp(`^${name}:[ \t]*(.*)$`, 'm').exec(text)?.[1]?.trim()
  const capabilities = field('CapEff')
  const numbers = (words: string | undefined) => words?.split(/\s+/).filter(Boolean).map(Number) ?? []
  return {
    seccompMode: wholeNumber(field('Seccomp')),
    capabilities: capabilities === undefined ? undefined : BigInt(`0x${capabilities}`),
    // Real, effective, saved and file system id, in this order.
    groups: [...numbers(field('Gid')).slice(1, 2), ...numbers(field('Groups'))],
  }
}

/** /proc/self/limits: the soft limit of locked memory in bytes; Infinity if there is none. */
export function parseLockedMemory(text: string): number | undefined {
  const soft = /^Max locked memory\s+(\S+)/m.exec(text)?.[1]
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : wholeNumber(soft)
}

/** /proc/self/maps: the C library that is mapped. musl's is its loader, too. */
export function parseLibc(text: string): 'glibc' | 'musl' | undefined {
  if (/\/(ld-musl-|libc\.musl-)[^/\n]*$/m.test(text)) return 'musl'
  return /\/libc(\.so\.6|-2\.\d+\.so)$/m.test(text) ? 'glibc' : undefined
}

/** A file with one number, such as those under /proc/sys. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*-?\d+\s*$/.test(text) ? Number(text) : undefined
}

/** Whether a kernel's release (`6.1.0-18-amd64`) is older than a version (`6.1`). Undefined if it cannot be parsed. */
export function isOlder(release: string, version: string): boolean | undefined {
  const found = /^(\d+)\.(\d+)/.exec(release)
  const wanted = /^(\d+)\.(\d+)/.exec(version)
  if (found === null || wanted === null) return undefined
  const difference = Number(found[1]) - Number(wanted[1]) || Number(found[2]) - Number(wanted[2])
  return difference < 0
}
