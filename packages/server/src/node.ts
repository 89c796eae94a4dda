import { constants } from 'node:os'
import { realEnvironment } from '@frameport/iocp-core'
import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import { checkServerCloseOptions, refusal, refuse } from './check-options.ts'
import { loggerOf } from './console-logger.ts'
import type { Logger } from './logger.ts'
import type { Server } from './server-types.ts'
import { type ClosedBySignal, SignalClosing } from './signals/signal-closing.ts'

export type { ClosedBySignal }

export interface CloseOnSignalsOptions {
  /** Default: SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[] | undefined
  /** As of `server.close`. Default: 5,000 at SIGTERM, which supervisors send, and 0 at every other signal, behind which somebody waits. */
  readonly announceMs?: number | undefined
  /** As of `server.close`. Default: `closeGraceMs` of the server, 5 s. */
  readonly graceMs?: number | undefined
  /** Called once, when the server has closed, and waited for: close the database, flush the log. What it throws is logged. */
  readonly onClosed?: ((facts: ClosedBySignal) => unknown) | undefined
  /** Default: errors, on the console. False: nowhere. */
  readonly log?: Logger | false | undefined
}

/** What {@link closeOnSignals} gives. */
export interface ClosingOnSignals extends Disposable {
  /** A signal has come: new clients should go elsewhere. For readiness probes. */
  readonly isClosing: boolean
  /** Listens to no signal any more. An end that has begun goes on. Idempotent. */
  [Symbol.dispose](): void
}

const names: readonly (keyof CloseOnSignalsOptions)[] = [
  'signals',
  'announceMs',
  'graceMs',
  'onClosed',
  'log',
]

/**
 * Closes a server in order when the process is told to end:
 *
 * ```ts
 * closeOnSignals(server, { onClosed: () => database.end() })
 * ```
 *
 * Nothing exits: when the server has closed and `onClosed` has settled, nobody listens to the signals any more, and the process ends when nothing else holds it.
 * A second signal closes at once, and sends the first to the process again when `onClosed` has settled, so that it ends whatever holds it; a third ends it
 * by itself. Signals within 300 ms of the first are the same one: `npm start` sends a Ctrl+C twice.
 *
 * @throws ServerError `INVALID_OPTION`; no signal is listened to then
 */
export function closeOnSignals(
  server: Pick<Server, 'close'>,
  given: CloseOnSignalsOptions = {},
): ClosingOnSignals {
  const options = checking(() => checked(server, given), refusal)
  return new SignalClosing(server, options, process, () => realEnvironment.nowMs())
}

function checked(server: unknown, given: CloseOnSignalsOptions) {
  refuse(missingMethods('server', server, { what: 'a Server', methods: ['close'] }))
  refuse(unknownName('options', given, names))
  const { signals = ['SIGTERM', 'SIGINT'], announceMs, graceMs, onClosed, log } = readOnce(given, names)
  if (!Array.isArray(signals)) throw refusal('signals is not an array of signal names, such as SIGTERM')
  for (const signal of signals) refuse(problemOfSignal(signal))
  checkServerCloseOptions({ announceMs, graceMs })
  refuse(wrongKind('onClosed', onClosed, 'function'))
  if (log !== false && log !== undefined)
    refuse(
      missingMethods('log', log, {
        what: 'a Logger or false',
        methods: ['debug', 'info', 'warn', 'error'],
      }),
    )
  return { signals: [...new Set(signals)], announceMs, graceMs, onClosed, log: loggerOf(log) }
}

/** What is wrong with a signal to listen to. */
function problemOfSignal(signal: unknown): string | undefined {
  if (typeof signal !== 'string' || !Object.hasOwn(constants.signals, signal))
    return `signals has ${describeValue(signal)}, which is not a signal name on this system, such as SIGTERM`
  if (signal === 'SIGKILL' || signal === 'SIGSTOP')
    return `signals has ${signal}, which a process cannot receive: the system ends or stops it`
  return undefined
}
