import { describeValue } from '../../checks/check-value.ts'
import { ProtocolError } from '../../protocol-error.ts'
import { InTurns } from './in-turns.ts'
import { MemoryLedger } from './memory-ledger.ts'
import { NamedSessions } from './named-sessions.ts'
import type { SessionEnvironment } from './session-environment.ts'
import { Turns } from './turns.ts'

/** What the sessions of one server share, so that no peer can use all of it. Made by {@link createSessionHost}. */
export interface SessionHost {
  /** The time in each turn of the event loop. */
  readonly turns: Turns
  /** The memory that all sessions hold for their peers. */
  readonly memory: MemoryLedger
  /** The time for work on many of the sessions at once. */
  readonly endings: InTurns
  /** The sessions that clients may resume. */
  readonly resumable: NamedSessions
}

/** The hosts that were made here. The check of a host imports nothing that a host needs. */
const made = new WeakSet<object>()

/** The steps of all sessions in one turn, for a clock that does not advance and for handlers: about 500 are started. */
const turnStepsMax = 16_384

/** Options of {@link createSessionHost}. */
export interface SessionHostOptions {
  /** The clock and the timers. */
  readonly environment: SessionEnvironment
  /** Milliseconds for which all sessions together may work in one turn of the event loop. A positive integer. */
  readonly turnMs: number
  /** Bytes that all sessions together may hold for their peers. A positive integer. */
  readonly memoryBytesMax: number
}

/**
 * Makes what the sessions of one server share.
 *
 * @throws ProtocolError INVALID_LIMITS
 */
export function createSessionHost({ environment, turnMs, memoryBytesMax }: SessionHostOptions): SessionHost {
  for (const [name, value] of Object.entries({ turnMs, memoryBytesMax })) {
    if (Number.isSafeInteger(value) && value > 0) continue
    throw new ProtocolError(
      'INVALID_LIMITS',
      `${name} is ${describeValue(value)}: it must be a positive integer`,
    )
  }
  const turns = new Turns({ environment, turnMs, turnStepsMax })
  const endings = new InTurns({ turns, limits: { ms: turnMs, stepsMax: turnStepsMax } })
  const memory = new MemoryLedger(memoryBytesMax, () => environment.nowMs(), endings)
  const host = { turns, endings, memory, resumable: new NamedSessions() }
  made.add(host)
  return host
}

/** Whether {@link createSessionHost} has made it. */
export function isSessionHost(value: unknown): value is SessionHost {
  return typeof value === 'object' && value !== null && made.has(value)
}
