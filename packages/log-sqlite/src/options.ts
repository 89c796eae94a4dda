import {
  checking,
  describeValue,
  readOnce,
  splitLimits,
  unknownName,
  wrongChoice,
  wrongKind,
} from '@frameport/protocol/checks'
import { type SqliteLogLimits, sqliteLogLimits } from './limits.ts'
import { SqliteLogError } from './sqlite-log-error.ts'

/** `power`: a confirmed event survives a loss of power. `process`: it survives the end of the process, however that ends. */
export type SqliteLogDurability = 'power' | 'process'

export interface SqliteEventLogOptions {
  /** The file: created when there is none. `:memory:` keeps the events in memory, until the log is closed. */
  readonly path: string
  /** What a confirmed event survives. @default 'power' */
  readonly durability?: SqliteLogDurability | undefined
  readonly limits?:
    | { readonly [Name in keyof SqliteLogLimits]?: SqliteLogLimits[Name] | undefined }
    | undefined
}

/** Where the events of a damaged file are to go. */
export interface SqliteLogRecovery {
  /** The damaged file. It is not changed. */
  readonly path: string
  /** A file that does not exist yet. */
  readonly into: string
}

/** The options of a log, completed by their defaults. */
export interface CheckedOptions {
  readonly path: string
  readonly durability: SqliteLogDurability
  readonly limits: SqliteLogLimits
}

/** Ten years: what is older is meant as no limit. */
const ageMsMaxMax = 10 * 366 * 24 * 3_600_000

/** @throws SqliteLogError `INVALID_LIMITS`, `INVALID_OPTION` */
export function checkOptions(options: SqliteEventLogOptions): CheckedOptions {
  return checking(() => {
    refuse(wrongKind('the options of sqliteEventLog', options ?? null, 'object'))
    const names = ['path', 'durability', 'limits']
    refuse(unknownName('options', options, names))
    const { path, durability = 'power', limits = {} } = readOnce(options, names)
    checkPath('path', path)
    refuse(wrongChoice('durability', durability, ['power', 'process']))
    refuse(wrongKind('limits', limits, 'object'))
    return { path, durability, limits: checkLimits(limits) }
  }, refusal)
}

/** @throws SqliteLogError `INVALID_OPTION` */
export function checkRecovery(options: SqliteLogRecovery): SqliteLogRecovery {
  return checking(() => {
    refuse(wrongKind('the options of recoverSqliteLog', options ?? null, 'object'))
    refuse(unknownName('options', options, ['path', 'into']))
    const read = readOnce(options, ['path', 'into'])
    for (const name of ['path', 'into'] as const) {
      checkPath(name, read[name])
      if (read[name] === ':memory:') throw refusal(`${name} is ":memory:", not the path of a file`)
    }
    return read
  }, refusal)
}

function checkLimits(limits: NonNullable<SqliteEventLogOptions['limits']>): SqliteLogLimits {
  const invalid = (problem: string, more?: { readonly cause?: unknown }) =>
    new SqliteLogError('INVALID_LIMITS', problem, more)
  const { own, session } = splitLimits<Omit<SqliteLogLimits, 'ageMsMax'>, Pick<SqliteLogLimits, 'ageMsMax'>>(
    limits,
    {
      own: sqliteLogLimits,
      session: { ageMsMax: undefined },
      checkSession: () => undefined,
      refusal: invalid,
    },
  )
  const { ageMsMax } = session
  if (ageMsMax === undefined) return own
  if (!Number.isSafeInteger(ageMsMax) || ageMsMax < 1 || ageMsMax > ageMsMaxMax) {
    throw invalid(`ageMsMax is ${describeValue(ageMsMax)}, not an integer from 1 to ${ageMsMaxMax}`)
  }
  return { ...own, ageMsMax }
}

function checkPath(name: string, path: unknown): void {
  refuse(wrongKind(name, path ?? null, 'string'))
  if (path === '') throw refusal(`${name} is "", not the path of a file`)
  if ((path as string).includes('\0')) throw refusal(`${name} contains a NUL character, which paths must not`)
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

export function refusal(problem: string, options: { readonly cause?: unknown } = {}): SqliteLogError {
  return new SqliteLogError('INVALID_OPTION', problem, options)
}
