import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly, callReporting, onLateFailure, reportUncaught } from '@frameport/framing/checks'
import { type Contract, RpcError, type SessionCloseReason } from '@frameport/protocol'
import {
  type CallFunctionsOptions,
  type CallServices,
  CallsAgain,
  CallsOfSignals,
  callFunctions,
  madeAgain,
  ToldFingerprints,
} from '@frameport/protocol/calling'
import { asyncDispose, whereGivenAgain } from '@frameport/protocol/checks'
import { checkContract, errorWithoutStack, type HandledCalls } from '@frameport/protocol/contract'
import type { HandlerBinding } from '@frameport/protocol/serving'
import { createSession, defaultConnectionLimits } from '@frameport/protocol/session'
import type { AnyClientOptions } from './any-client-options.ts'
import { checkClientOptions, checkCloseOptions } from './check-options.ts'
import { ClientCredentials } from './client-credentials.ts'
import type { ClientOptions } from './client-options.ts'
import { clientParts } from './client-parts.ts'
import type { ClientPlatform } from './client-platform.ts'
import type { Client, ClientConnection } from './client-types.ts'
import { Addresses } from './connect/addresses.ts'
import { ConnectionHold } from './connect/connection-hold.ts'
import { checkResume, mayResume, withResume } from './connect/may-resume.ts'
import { OfflineCalls } from './connect/offline-calls.ts'
import { type KeptSession, SessionKeeper } from './connect/session-keeper.ts'
import type { Connector } from './connector.ts'
import type { ClientDifferences } from './differences/client-differences.ts'
import { NextConnection } from './differences/next-connection.ts'
import type { ServerDifferences } from './differences/server-differences.ts'
import type { EventListeners } from './events/event-listeners.ts'
import { eventReport } from './events/event-reports.ts'
import type { ListenerSilence } from './events/listener-silence.ts'
import { resolveClientLimits } from './limits.ts'
import { resolveReconnect } from './reconnect-options.ts'
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

/** One session, and what is bound to it. */
interface ClientSession extends KeptSession {
  readonly differences: ServerDifferences
}

class FrameportClient {
  /** What users hold: the procedures, and what begins with `$`. */
  readonly surface: object
  readonly #options: AnyClientOptions
  readonly #onUncaught: (error: unknown) => void
  readonly #services: CallServices
  readonly #again: CallsAgain
  readonly #listeners: EventListeners
  readonly #silence: ListenerSilence
  readonly #differences: ClientDifferences
  readonly #keeper: SessionKeeper<ClientSession>
  readonly #addresses: Addresses | undefined
  /** Settles with the reason when there will be no connection. Never rejects, since nobody has to ask. */
  readonly #opened: Promise<RpcError | undefined>
  readonly #closed: Promise<SessionCloseReason>
  #settleOpened!: (error?: RpcError) => void
  #settleClosed!: (reason: SessionCloseReason) => void
  readonly #hold: ConnectionHold
  /** Absent where no deadline is inherited. */
  readonly #handledCalls: HandledCalls | undefined
  readonly #credentials: ClientCredentials
  readonly #nextConnection = new NextConnection(() => this.#keeper.state)
  #closedFor: SessionCloseReason | undefined
  #endError: RpcError | undefined

  constructor(
    contract: Contract,
    { connectors, connection }: ResolvedTarget,
    options: AnyClientOptions,
    bindings: readonly HandlerBinding[] | undefined,
    platform: ClientPlatform,
  ) {
    const { enter } = platform
    const environment = options.environment ?? platform.environment
    const wanted = resolveReconnect(options.reconnect)
    const reconnect = connectors === undefined ? undefined : wanted
    const { client: limits, session: given } = resolveClientLimits(options.limits)
    checkResume(options.resume, reconnect !== undefined, given)
    const resumes = reconnect !== undefined && mayResume(options.resume, connectors ?? [])
    const sessionLimits = withResume(given, resumes)
    this.#options = options
    this.#hold = new ConnectionHold(platform.holdProcess)
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
    const challengeFailed = eventReport(
      options.onChallengeFailed,
      'onChallengeFailed',
      (error) => `the challenge of the server came to nothing: ${this.#credentials.textOf(error)}`,
      report,
    )
    this.#credentials = new ClientCredentials({
      auth: options.auth,
      session: () => this.#keeper.current.session,
      state: () => this.#keeper.state,
      environment,
      timeoutMs: limits.connectTimeoutMs,
      credentialsTimeoutMs:
        sessionLimits.credentialsTimeoutMs ?? defaultConnectionLimits.credentialsTimeoutMs,
      bytesMax: sessionLimits.helloBytesMax ?? defaultConnectionLimits.helloBytesMax,
      enter,
      challengeFailed: (error) => enter(() => challengeFailed(error)),
    })
    const credentials = this.#credentials
    const waiting = connection !== undefined && credentials.forHello !== undefined ? connection : undefined
    const targets = connectors ?? (waiting && [givenConnector(waiting)])
    const addresses = targets && new Addresses(targets, environment)
    this.#addresses = addresses
    const mayWait = () => options.offline !== 'fail' || this.#keeper.state !== 'reconnecting'
    this.#again = new CallsAgain(environment, mayWait)
    const signals = new CallsOfSignals()
    const session = () => this.#keeper.current.session
    const { listeners, silence, differences, served } = clientParts(contract, {
      options,
      bindings,
      limits,
      sessionLimits,
      environment,
      remoteEndpoint: this.#remoteEndpoint,
      session,
      serverDifferences: () => this.#keeper.current.differences,
      signals,
      nextConnection: this.#nextConnection,
      endError: () => this.#endError,
      enter,
      keepContext: platform.keepContext,
      report,
    })
    this.#listeners = listeners
    this.#silence = silence
    this.#differences = differences
    const fingerprints = new ToldFingerprints(contract.announcement)
    const make = (connectsAgain: boolean): ClientSession => {
      const isCurrent = () => this.#keeper.current === kept
      const session = createSession({
        role: 'client',
        environment,
        contracts: [{ ...contract.announcement, isBothWays: served !== undefined }],
        limits: sessionLimits,
        auth: this.#credentials.known,
        connectsAgain,
        ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
        handlers: {
          opened: (peer) => {
            const unserved = differences.opened(kept.differences, peer)
            this.#keeper.opened(kept)
            this.#settleOpened(unserved)
          },
          detached: (reason) => this.#keeper.detached(kept, reason),
          resumed: () => this.#keeper.resumed(kept),
          forgotten: (opened) => this.#keeper.forgotten(kept, opened),
          call: (call) => (served === undefined ? refuseCall(call, contract) : served.answer(call)),
          onewayDropped: (dropped) => served?.dropped(dropped),
          // What the session that is left still sends, the new one has subscribed to.
          event: (event, bytes) => enter(() => this.#listeners.receive(event, bytes)),
          wantsEvent: (event, topic) =>
            isCurrent() &&
            this.#listeners.has(event, topic) &&
            differences.strict?.refusesEvent(event) !== true,
          eventGap: (gap) => isCurrent() && enter(() => this.#listeners.gap(gap)),
          eventDropped: (dropped) => isCurrent() && enter(() => this.#listeners.dropped(dropped)),
          goaway: (goaway) => this.#keeper.goaway(kept, goaway),
          // A channel may take its time to close: those who wait for the connection need not.
          ending: (reason) => {
            kept.differences.ended()
            this.#keeper.ending(kept, reason)
          },
          closed: () => this.#keeper.closed(kept),
          uncaught: onUncaught,
          ...this.#credentials.handlers(),
        },
      })
      const kept: ClientSession = { session, differences: differences.of(() => session) }
      return kept
    }
    const told = <Told>(hook: ((told: Told) => unknown) | undefined) => {
      return (what: Told) => {
        if (hook !== undefined) enter(() => callReporting(() => hook(what), report))
      }
    }
    const started = told(options.onSession)
    this.#keeper = new SessionKeeper({
      environment,
      addresses,
      reconnect,
      connectTimeoutMs: limits.connectTimeoutMs,
      credentials,
      hold: this.#hold,
      make,
      changed: told(options.onStateChange),
      left: ({ session }) => this.#again.leave(session),
      started: (start) => {
        credentials.connected(start)
        this.#nextConnection.decided()
        if (!start.resumed && !start.isFirst) this.#listeners.sessionReplaced()
        started(start)
      },
      ending: (reason) => this.#ending(reason),
      closed: (reason) => {
        if (waiting !== undefined) abortQuietly(waiting)
        enter(() => this.#sessionsClosed(reason))
      },
    })
    this.#services = {
      get session() {
        return session()
      },
      signals,
      streamWindow: { items: limits.streamWindowItems, bytes: limits.streamWindowBytes },
      fingerprintToSend: (entry, { peer }) => fingerprints.next(entry, peer),
      again: this.#again,
      hookFailed: onUncaught,
      explain: (error) => this.#explain(error),
      explainMismatch: (entry, error, deadlineAtMs) => differences.explainCall(entry, error, deadlineAtMs),
    }
    this.surface = this.#surface(contract)
    this.#keeper.start(waiting === undefined ? connection : undefined)
  }

  get #remoteEndpoint(): string {
    return this.#addresses?.url ?? 'memory:'
  }

  #surface(contract: Contract): object {
    const keeper = this.#keeper
    const remoteEndpoint = () => this.#remoteEndpoint
    const { interceptors, defaultDeadlineMs, offline } = this.#options
    const { strict } = this.#differences
    const offlineCalls = offline === 'fail' ? new OfflineCalls(keeper) : undefined
    const connection: ClientConnection = {
      get state() {
        return keeper.state
      },
      get remoteEndpoint() {
        return remoteEndpoint()
      },
      opened: async () => {
        const failure = await this.#opened
        if (failure !== undefined) throw madeAgain(failure)
      },
      closed: () => this.#closed,
      renewAuth: (...given: [auth?: unknown]) => this.#credentials.renew(given),
      stats: () => keeper.current.session.stats(),
      differences: () => this.#differences.all(),
    }
    return Object.freeze({
      ...callFunctions(contract.name, contract.procedureEntries.values(), {
        services: this.#services,
        interceptors,
        defaultDeadlineMs: () => defaultDeadlineMs,
        handledCalls: this.#handledCalls,
        called: () => this.#silence.settle(),
        admitted: admission(strict, offlineCalls),
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
      this.#again.close()
      this.#keeper.current.differences.ended()
      return this.#keeper.close({ graceMs, closedBy: 'this client was closed by $close()' })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** If no connection was ever made, that is the reason, instead of the session's. What waited says for what. */
  #explain(error: RpcError): RpcError {
    if (error.code === 'DEADLINE_EXCEEDED' && error.maybeExecuted === false) return this.#withTrouble(error)
    if (error.code !== 'UNAVAILABLE') return error
    const failure = this.#keeper.failure
    if (failure !== undefined)
      return errorWithoutStack('UNAVAILABLE', failure.message, {
        maybeExecuted: error.maybeExecuted,
        cause: failure.cause,
      })
    return withReason(this.#withTrouble(error), this.#closedFor)
  }

  #withTrouble(error: RpcError): RpcError {
    const { trouble } = this.#keeper
    if (trouble === undefined) return error
    const { code, message, data, maybeExecuted, retryAfterMs, cause } = error
    const text = `${message.replace(/\.$/, '')}; ${trouble}`
    return errorWithoutStack(code, text, { data, maybeExecuted, retryAfterMs, cause })
  }

  /** There will be no session any more, and the calls of the last one are being settled. */
  #ending(reason: SessionCloseReason): void {
    this.#closedFor = reason
    this.#nextConnection.decided()
    this.#again.close()
    const { code, cause, retryAfterMs } = reason
    const refused = RpcError.is(cause) && code === 'HELLO_REFUSED' ? cause : undefined
    const error = refused ?? errorWithoutStack('UNAVAILABLE', reason.message, { cause, retryAfterMs })
    this.#endError = this.#explain(error)
    this.#credentials.ended(error)
    this.#settleOpened(this.#endError)
  }

  #sessionsClosed(reason: SessionCloseReason): void {
    this.#silence.settle()
    this.#settleClosed(reason)
    onLateFailure(this.#addresses?.release(), this.#onUncaught)
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

/** For a connection that was given, and whose hello waits for credentials. */
function givenConnector(connection: FrameChannel | ByteStream): Connector {
  return { url: 'memory:', connect: async () => connection }
}

/** What stands before the start of each call; undefined for nothing. */
function admission(
  strict: ClientDifferences['strict'],
  offline: OfflineCalls | undefined,
): CallFunctionsOptions['admitted'] {
  if (offline === undefined)
    return strict === undefined ? undefined : (entry, start) => strict.admitted(entry, start)
  return (entry, start) =>
    offline.admitted(entry, strict === undefined ? start : strict.admitted(entry, start))
}

/** What takes the failures of listeners: the user's own, whose failures are thrown, or no one's. */
function guardedReport(onUncaught: ClientOptions['onUncaught']): (error: unknown) => void {
  if (onUncaught === undefined) return reportUncaught
  return (error) => callReporting(() => onUncaught(error), reportUncaught)
}
