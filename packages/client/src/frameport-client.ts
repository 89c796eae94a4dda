import { frameChannelOf } from '@frameport/framing'
import { callReporting, onLateFailure, reportUncaught } from '@frameport/framing/checks'
import { type Contract, RpcError, type SessionCloseReason } from '@frameport/protocol'
import {
  type CallServices,
  CallsOfSignals,
  callFunctions,
  madeAgain,
  ToldFingerprints,
} from '@frameport/protocol/calling'
import { asyncDispose, whereGivenAgain } from '@frameport/protocol/checks'
import { checkContract, errorWithoutStack, type HandledCalls } from '@frameport/protocol/contract'
import type { HandlerBinding } from '@frameport/protocol/serving'
import { createSession, type Session } from '@frameport/protocol/session'
import type { AnyClientOptions } from './any-client-options.ts'
import { checkClientOptions, checkCloseOptions } from './check-options.ts'
import type { ClientOptions } from './client-options.ts'
import { clientParts } from './client-parts.ts'
import type { ClientPlatform } from './client-platform.ts'
import type { Client, ClientConnection } from './client-types.ts'
import { ConnectAttempt } from './connect/connect-attempt.ts'
import { ConnectionHold } from './connect/connection-hold.ts'
import type { ClientDifferences } from './differences/client-differences.ts'
import type { EventListeners } from './events/event-listeners.ts'
import type { ListenerSilence } from './events/listener-silence.ts'
import { resolveClientLimits } from './limits.ts'
import { type ResolvedTarget, resolveTarget } from './resolve-target.ts'
import { boundHandlers, refuseCall } from './serving/served-calls.ts'

/**
 * The client over a stream, or over what a connector connects to. It knows no transport of its own.
 *
 * @throws ClientError `INVALID_LIMITS`, `INVALID_OPTION`, `INVALID_TARGET`; ProtocolError `INVALID_CONTRACT`, and for limits or auth that a session refuses
 */
export function openClient<C extends Contract>(
  contract: C,
  target: unknown,
  given: AnyClientOptions,
  platform: ClientPlatform,
): Client<C> {
  checkContract(contract, 'createClient')
  const { transports } = platform
  const options = checkClientOptions(
    given,
    transports.flatMap(({ optionNames }) => optionNames),
  )
  for (const transport of transports) transport.checkOptions(options)
  const bindings = boundHandlers(contract, options)
  const resolved = resolveTarget(target, transports, options)
  try {
    return new FrameportClient(contract, resolved, options, bindings, platform).surface as Client<C>
  } catch (error) {
    throw whereGivenAgain(error)
  }
}

class FrameportClient {
  /** What users hold: the procedures, and what begins with `$`. */
  readonly surface: object
  readonly #options: AnyClientOptions
  readonly #onUncaught: (error: unknown) => void
  readonly #services: CallServices
  readonly #listeners: EventListeners
  readonly #silence: ListenerSilence
  readonly #differences: ClientDifferences
  /** Settles with the reason when there will be no connection. Never rejects, since nobody has to ask. */
  readonly #opened: Promise<RpcError | undefined>
  readonly #closed: Promise<SessionCloseReason>
  #settleOpened!: (error?: RpcError) => void
  #settleClosed!: (reason: SessionCloseReason) => void
  readonly #hold = new ConnectionHold()
  /** Absent where no deadline is inherited. */
  readonly #handledCalls: HandledCalls | undefined
  #attempt: ConnectAttempt | undefined
  #closedFor: SessionCloseReason | undefined

  constructor(
    contract: Contract,
    { connector, connection }: ResolvedTarget,
    options: AnyClientOptions,
    bindings: readonly HandlerBinding[] | undefined,
    platform: ClientPlatform,
  ) {
    const { enter } = platform
    const environment = options.environment ?? platform.environment
    const { client: limits, session: sessionLimits } = resolveClientLimits(options.limits)
    this.#options = options
    this.#handledCalls = options.inheritDeadline === false ? undefined : platform.handledCalls?.()
    const report = guardedReport(options.onUncaught)
    const onUncaught = (error: unknown) => enter(() => report(error))
    this.#onUncaught = onUncaught
    this.#opened = new Promise((resolve) => {
      this.#settleOpened = resolve
    })
    this.#closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
    const remoteEndpoint = connector?.url ?? 'memory:'
    const signals = new CallsOfSignals()
    const { listeners, silence, differences, served } = clientParts(contract, {
      options,
      bindings,
      limits,
      sessionLimits,
      environment,
      remoteEndpoint,
      session: () => session,
      signals,
      enter,
      keepContext: platform.keepContext,
      report,
    })
    this.#listeners = listeners
    this.#silence = silence
    this.#differences = differences
    const fingerprints = new ToldFingerprints(contract.announcement)
    const session = createSession({
      role: 'client',
      environment,
      contracts: [{ ...contract.announcement, isBothWays: served !== undefined }],
      limits: sessionLimits,
      auth: authBody(options.auth),
      ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
      handlers: {
        opened: (peer) => {
          this.#attempt?.opened()
          this.#settleOpened(differences.opened(peer))
        },
        call: (call) => (served === undefined ? refuseCall(call, contract) : served.answer(call)),
        onewayDropped: (dropped) => served?.dropped(dropped),
        event: (event, bytes) => enter(() => this.#listeners.receive(event, bytes)),
        wantsEvent: (event, topic) =>
          this.#listeners.has(event, topic) && differences.strict?.refusesEvent(event) !== true,
        eventGap: (gap) => enter(() => this.#listeners.gap(gap)),
        eventDropped: (dropped) => enter(() => this.#listeners.dropped(dropped)),
        goaway: () => undefined,
        // A channel may take its time to close: those who wait for the connection need not.
        ending: (reason) => this.#sessionEnding(reason),
        closed: (reason) => enter(() => this.#sessionClosed(reason, () => connector?.release?.())),
        uncaught: onUncaught,
      },
    })
    this.#services = {
      session,
      signals,
      streamWindow: { items: limits.streamWindowItems, bytes: limits.streamWindowBytes },
      fingerprintToSend: (entry, { peer }) => fingerprints.next(entry, peer),
      hookFailed: onUncaught,
      explain: (error) => this.#explain(error),
      explainMismatch: (entry, error, deadlineAtMs) => differences.explainCall(entry, error, deadlineAtMs),
    }
    this.surface = this.#surface(contract, remoteEndpoint)
    if (connector === undefined) {
      this.#hold.connected(connection)
      session.attach(frameChannelOf(connection))
    } else {
      const { connectTimeoutMs } = limits
      this.#attempt = new ConnectAttempt(connector, session, this.#hold, environment, connectTimeoutMs)
    }
  }

  #surface(contract: Contract, remoteEndpoint: string): object {
    const { session } = this.#services
    const { interceptors, defaultDeadlineMs } = this.#options
    const { strict } = this.#differences
    const connection: ClientConnection = {
      get state() {
        // It ends with its connection.
        const state = session.state as Exclude<Session['state'], 'detached'>
        return state === 'opening' ? 'connecting' : state
      },
      remoteEndpoint,
      opened: async () => {
        const failure = await this.#opened
        if (failure !== undefined) throw madeAgain(failure)
      },
      closed: () => this.#closed,
      stats: () => session.stats(),
      differences: () => this.#differences.all(),
    }
    return Object.freeze({
      ...callFunctions(contract.name, contract.procedureEntries.values(), {
        services: this.#services,
        interceptors,
        defaultDeadlineMs: () => defaultDeadlineMs,
        handledCalls: this.#handledCalls,
        called: () => this.#silence.settle(),
        admitted: strict === undefined ? undefined : (entry, start) => strict.admitted(entry, start),
      }),
      $on: (name: string, ...args: unknown[]) => this.#listeners.add(name, args),
      $connection: Object.freeze(connection),
      $ref: () => this.#hold.set(true),
      $unref: () => this.#hold.set(false),
      $close: (options?: { readonly graceMs?: number | undefined }) => this.#close(options),
      [asyncDispose]: () => this.#close(),
    })
  }

  #close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const { graceMs } = checkCloseOptions(options)
      this.#differences.ended()
      return this.#services.session.close({ graceMs, closedBy: 'this client was closed by $close()' })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** If no connection was ever made, that is the reason, instead of the session's. */
  #explain(error: RpcError): RpcError {
    if (error.code !== 'UNAVAILABLE') return error
    const failure = this.#attempt?.failure
    if (failure !== undefined)
      return errorWithoutStack('UNAVAILABLE', failure.message, { cause: failure.cause })
    return withReason(error, this.#closedFor)
  }

  /** Its calls are being settled. */
  #sessionEnding(reason: SessionCloseReason): void {
    this.#closedFor = reason
    this.#differences.ended()
    const { code, cause, retryAfterMs } = reason
    const refused = RpcError.is(cause) && code === 'HELLO_REFUSED' ? cause : undefined
    const error = refused ?? errorWithoutStack('UNAVAILABLE', reason.message, { cause, retryAfterMs })
    this.#settleOpened(this.#explain(error))
  }

  #sessionClosed(reason: SessionCloseReason, release: () => unknown): void {
    this.#silence.settle()
    this.#attempt?.end()
    this.#settleClosed(reason)
    onLateFailure(release(), this.#onUncaught)
  }
}

/** A call that found its connection broken knows by its cause how. */
function withReason(error: RpcError, reason: SessionCloseReason | undefined): RpcError {
  if (reason === undefined || reason.code === 'CLOSED' || error.cause !== undefined) return error
  if (error.message.includes(reason.message)) return error
  const { code, message, data, maybeExecuted, retryAfterMs } = error
  const cause = reason.cause ?? new Error(reason.message)
  return errorWithoutStack(code, message, { data, maybeExecuted, retryAfterMs, cause })
}

/** Nothing is sent of a value that is undefined. */
function authBody(auth: unknown) {
  return auth instanceof Uint8Array
    ? ({ kind: 'raw', bytes: auth } as const)
    : ({ kind: 'value', value: auth } as const)
}

/** What takes the failures of listeners: the user's own, whose failures are thrown, or no one's. */
function guardedReport(onUncaught: ClientOptions['onUncaught']): (error: unknown) => void {
  if (onUncaught === undefined) return reportUncaught
  return (error) => callReporting(() => onUncaught(error), reportUncaught)
}
