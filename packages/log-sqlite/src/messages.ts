import type { SqliteLogErrorCode } from './error-codes.ts'
import type { CheckedOptions, SqliteLogRecovery } from './options.ts'

/** What the thread is started for. */
export type WorkerTask =
  | ({ readonly kind: 'log' } & CheckedOptions)
  | ({ readonly kind: 'recovery' } & SqliteLogRecovery)

/** An event on its way to the thread. Its body is a part of the bytes that come with it. */
export interface PackedEvent {
  readonly event: string
  readonly topic: string
  readonly id: string | undefined
  readonly encoding: number
  readonly offset: number
  readonly length: number
  /** What it counts for in limits of bytes. */
  readonly cost: number
}

export interface PackedQuery {
  readonly event: string
  readonly topic: string
  /** Undefined: none was given, or one of another log. */
  readonly number: number | undefined
  /** A position was given that this log cannot have given. */
  readonly isForeign: boolean
  readonly eventsMax: number
  readonly bytesMax: number
}

export type ToWorker =
  | {
      readonly kind: 'append'
      readonly request: number
      readonly events: readonly PackedEvent[]
      readonly bytes: Uint8Array<ArrayBuffer>
    }
  | { readonly kind: 'after' | 'before'; readonly request: number; readonly query: PackedQuery }
  | { readonly kind: 'close'; readonly request: number }

/** An event on its way back. */
interface PackedEntry {
  readonly number: number
  readonly encoding: number
  readonly offset: number
  readonly length: number
}

export interface PackedEntries {
  readonly entries: readonly PackedEntry[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface AppendedPlace {
  readonly number: number
  readonly isRepeat: boolean
}

export interface PackedReading extends PackedEntries {
  readonly end: number
  readonly isEnd: boolean
  readonly isMissing: boolean
}

export interface PackedHistory extends PackedEntries {
  readonly isStart: boolean
}

/** An error as it crosses threads: its class stays behind. */
export interface PackedError {
  readonly code: SqliteLogErrorCode
  readonly detail: string | undefined
  readonly cause: { readonly message: string; readonly code: string | undefined } | undefined
}

/** What was found of a damaged log. */
export interface SqliteLogRecoveryReport {
  /** Events that were copied. */
  readonly events: number
  /** Events of which something was found, but not all of it, or not as it was written. */
  readonly eventsDamaged: number
  /** Numbers between the first and the last copied event that were not found. Limits have deleted some of them, if events of one topic were over a limit of their own. */
  readonly numbersMissing: number
  /** Number of the first copied event, and of the last. Undefined when there is none. */
  readonly firstNumber: number | undefined
  readonly lastNumber: number | undefined
  /** Pages that were looked at, in the file and in its write-ahead log. */
  readonly pages: number
}

export type Answer =
  | { readonly kind: 'appended'; readonly places: readonly AppendedPlace[] }
  | ({ readonly kind: 'read' } & PackedReading)
  | ({ readonly kind: 'history' } & PackedHistory)
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: PackedError }

export type FromWorker =
  | { readonly kind: 'opened'; readonly log: Uint8Array; readonly last: number }
  | { readonly kind: 'recovered'; readonly report: SqliteLogRecoveryReport }
  | { readonly kind: 'not-opened'; readonly error: PackedError }
  | { readonly kind: 'answer'; readonly request: number; readonly answer: Answer }
