import type {
  EnvelopeBody,
  EventToLog,
  HistoryQuery,
  HistoryReading,
  LogEntry,
  LoggedTopic,
  LogPlace,
  LogPosition,
  LogQuery,
  LogReading,
} from '../../event-log.ts'
import type { ErrorFacts } from '../carried-errors.ts'

/** A request of a worker to a log of the main thread. */
export type LogCall = { readonly id: number; readonly log: string } & (
  | { readonly kind: 'append'; readonly event: EventToLog }
  | { readonly kind: 'after'; readonly query: LogQuery }
  | { readonly kind: 'before'; readonly query: HistoryQuery }
  /** The id is also that of the following. */
  | { readonly kind: 'follow'; readonly topic: LoggedTopic }
)

export type LogMessage =
  | LogCall
  | { readonly kind: 'stop'; readonly following: number }
  /** This many bytes of followed events were taken. */
  | { readonly kind: 'taken'; readonly bytes: number }

export type LogAnswer =
  | { readonly kind: 'answer'; readonly id: number; readonly value: LogValue }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorFacts }
  | {
      readonly kind: 'event'
      readonly following: number
      readonly entry: LogEntry
      readonly previous: number | undefined
      /** The bytes that the event counts. */
      readonly bytes: number
    }
  | { readonly kind: 'missed'; readonly following: number }

export type LogValue = LogPlace | LogReading | HistoryReading | undefined

/*
 * Cloning a view copies its whole buffer. So data for another thread is first copied into a buffer of its own.
 */

export function ownBody({ encoding, bytes }: EnvelopeBody): EnvelopeBody {
  return { encoding, bytes: Uint8Array.from(bytes) }
}

export function ownPosition<Position extends LogPosition>(position: Position): Position {
  return { ...position, log: Uint8Array.from(position.log) }
}

export function ownEntry({ position, body }: LogEntry): LogEntry {
  return { position: ownPosition(position), body: ownBody(body) }
}
