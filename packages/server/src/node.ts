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

/** The options of {@link closeOnSignals}. */
export interface CloseOnSignalsOptions {
  /** The signals to listen to. Default: SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[] | undefined
  /**
   * The `announceMs` of `server.close`, in milliseconds. Default: 5,000 for SIGTERM, which process supervisors send,
   * and 0 for other signals, because a user usually waits.
   */
  readonly announceMs?: number | undefined
  /** The `graceMs` of `server.close`, in milliseconds. Default: the limit `closeGraceMs` of the server, 5,000. */
  readonly graceMs?: number | undefined
  /** Called once when the server has closed, and awaited, for example to close a database. Errors are logged. */
  readonly onClosed?: ((facts: ClosedBySignal) => unknown) | undefined
  /** The logger. Default: errors go to the console. `false`: no log. */
  readonly log?: Logger | false | undefined
}

/** The result of {@link closeOnSignals}. */
export interface ClosingOnSignals extends Disposable {
  /** True once a signal has come. For readiness probes: new clients should connect elsewhere. */
  readonly isClosing: boolean
  /** Stops listening to signals. Closing that has started continues. Idempotent. */
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
 * Closes a server, or a pool of workers, when the process receives a signal.
 *
 * It does not exit the process: after the server has closed and `onClosed` has settled, it stops listening to signals,
 * and the process ends when nothing else keeps it alive. A second signal closes the server without waiting, and then,
 * after `onClosed` has settled, sends the first signal to the process again, which ends it. A third signal ends the
 * process immediately. Signals within 300 ms of the first one are ignored, because `npm start` passes on a Ctrl+C that
 * the process also gets from the terminal.
 *
 * @example
 * ```ts
 * closeOnSignals(server, { onClosed: () => console.log('closed') })
 * ```
 *
 * @throws ServerError `INVALID_OPTION`; it then listens to no signal
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

/** Why `closeOnSignals` cannot listen to a signal; undefined if it can. */
function problemOfSignal(signal: unknown): string | undefined {
  if (typeof signal !== 'string' || !Object.hasOwn(constants.signals, signal))
    return `signals has ${describeValue(signal)}, which is not a signal name on this system, such as SIGTERM`
  if (signal === 'SIGKILL' || signal === 'SIGSTOP')
    return `signals has ${signal}, which a process cannot receive: the system ends or stops it`
  return undefined
}
