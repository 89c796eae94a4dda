import type { SqliteLogErrorCode } from './error-codes.ts'
import type { CheckedOptions, SqliteLogRecovery } from './options.ts'

/** The task of a thread. */
export type WorkerTask =
  | ({ readonly kind: 'log' } & CheckedOptions)
  | ({ readonly kind: 'recovery' } & SqliteLogRecovery)

/** An event on its way to the thread. Its body is a part of the bytes in the same message. */
export interface PackedEvent {
  readonly event: string
  readonly topic: string
  readonly id: string | undefined
  readonly encoding: number
  readonly offset: number
  readonly length: number
  /** The bytes that it counts in limits. */
  readonly cost: number
}

export interface PackedQuery {
  readonly event: string
  readonly topic: string
  /** Undefined if there is no position, or one of another log. */
  readonly number: number | undefined
  /** The position is of another log. */
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

/** An error on its way between threads, without its class. */
export interface PackedError {
  readonly code: SqliteLogErrorCode
  readonly detail: string | undefined
  readonly cause: { readonly message: string; readonly code: string | undefined } | undefined
}

/** The result of {@link recoverSqliteLog}. */
export interface SqliteLogRecoveryReport {
  /** The number of events that were copied. */
  readonly events: number
  /** The number of events that were found incomplete or changed, and not copied. */
  readonly eventsDamaged: number
  /** The number of missing numbers between the first and the last copied event. The limit of a topic may have deleted some of these events. */
  readonly numbersMissing: number
  /** The number of the first copied event. Undefined if there is none. */
  readonly firstNumber: number | undefined
  /** The number of the last copied event. Undefined if there is none. */
  readonly lastNumber: number | undefined
  /** The number of pages that were searched, in the file and in its write-ahead log. */
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
