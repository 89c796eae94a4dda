import type { ByteStream, FrameChannel } from '@frameport/framing'
import { abortQuietly, callReporting, reportUncaught } from '@frameport/framing/checks'
import type { Contract, RpcError, SessionCloseReason } from '@frameport/protocol'
import { type CallServices, CallsAgain, CallsOfSignals, ToldFingerprints } from '@frameport/protocol/calling'
import type { HandlerBinding } from '@frameport/protocol/serving'
import {
  defaultConnectionLimits,
  type SessionEnvironment,
  type SessionLimits,
} from '@frameport/protocol/session'
import type { AnyClientOptions } from './any-client-options.ts'
import { checkCloseOptions } from './check-options.ts'
import { ClientCredentials } from './client-credentials.ts'
import { ClientFailures } from './client-failures.ts'
import type { ClientOptions } from './client-options.ts'
import { type ClientParts, clientParts } from './client-parts.ts'
import type { ClientPlatform } from './client-platform.ts'
import { ClientSession, type ClientSessionParts } from './client-session.ts'
import { clientSurface } from './client-surface.ts'
import { Addresses } from './connect/addresses.ts'
import { ConnectionHold } from './connect/connection-hold.ts'
import { checkResume, mayResume, withResume } from './connect/may-resume.ts'
import { SessionKeeper } from './connect/session-keeper.ts'
import type { Connector } from './connector.ts'
import type { ClientDiagnostics } from './diagnostics-types.ts'
import { NextConnection } from './differences/next-connection.ts'
import { eventReport } from './events/event-reports.ts'
import { resolveClientLimits } from './limits.ts'
import { resolveReconnect } from './reconnect-options.ts'
import type { ConnectionChange, SessionStart } from './reconnect-types.ts'
import type { ResolvedTarget } from './resolve-target.ts'

/** Connects the parts of one client, and passes each event to the part that it concerns. */
export class FrameportClient {
  /** The object for users. */
  readonly surface: object
  readonly #options: AnyClientOptions
  readonly #platform: ClientPlatform
  readonly #report: (error: unknown) => void
  readonly #again: CallsAgain
  readonly #parts: ClientParts
  readonly #keeper: SessionKeeper<ClientSession>
  readonly #diagnostics: ClientDiagnostics | undefined
  readonly #addresses: Addresses | undefined
  /** A given connection that waits for credentials for its hello. */
  readonly #waiting: FrameChannel | ByteStream | undefined
  /** Settles with the reason if there will be no connection. Never rejects, because nobody may handle it. */
  readonly #opened: Promise<RpcError | undefined>
  readonly #closed: Promise<SessionCloseReason>
  #settleOpened!: (error?: RpcError) => void
  #settleClosed!: (reason: SessionCloseReason) => void
  readonly #credentials: ClientCredentials
  readonly #nextConnection = new NextConnection(() => this.#keeper.status.state)
  readonly #failures = new ClientFailures(() => this.#keeper.status)

  constructor(
    contract: Contract,
    { connectors, connection }: ResolvedTarget,
    options: AnyClientOptions,
    bindings: readonly HandlerBinding[] | undefined,
    platform: ClientPlatform,
  ) {
    const environment = options.environment ?? platform.environment
    const wanted = resolveReconnect(options.reconnect)
    const reconnect = connectors === undefined ? undefined : wanted
    const { client: limits, session: given } = resolveClientLimits(options.limits)
    checkResume(options.resume, reconnect !== undefined, given)
    const resumes = reconnect !== undefined && mayResume(options.resume, connectors ?? [])
    const sessionLimits = withResume(given, resumes)
    this.#options = options
    this.#platform = platform
    this.#report = guardedReport(options.onUncaught)
    this.#opened = new Promise((resolve) => {
      this.#settleOpened = resolve
    })
    this.#closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
    this.#credentials = this.#newCredentials(environment, limits.connectTimeoutMs, sessionLimits)
    const credentials = this.#credentials
    this.#waiting = connection !== undefined && credentials.forHello !== undefined ? connection : undefined
    const targets = connectors ?? (this.#waiting && [givenConnector(this.#waiting)])
    this.#addresses = targets && new Addresses(targets, environment)
    this.#again = new CallsAgain(
      environment,
      () => options.offline !== 'fail' || this.#keeper.status.state !== 'reconnecting',
    )
    this.#diagnostics = platform.diagnostics?.({
      remoteEndpoint: () => this.#remoteEndpoint,
      nowMs: () => environment.nowMs(),
    })
    const diagnostics = this.#diagnostics
    const signals = new CallsOfSignals()
    const session = () => this.#keeper.current.session
    const enter = (run: () => void) => platform.enter(run)
    this.#parts = clientParts(contract, {
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
      endError: () => this.#failures.endError,
      enter,
      keepContext: platform.keepContext,
      diagnostics,
      report: this.#report,
    })
    const { differences, listeners, served, silence, subscriptionEnded } = this.#parts
    const hookFailed = (error: unknown) => this.#hookFailed(error)
    const ofSessions: ClientSessionParts = {
      contract,
      options: {
        environment,
        contracts: [{ ...contract.announcement, isBothWays: served !== undefined }],
        limits: sessionLimits,
        ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
      },
      keeper: () => this.#keeper,
      listeners,
      differences,
      served,
      credentials,
      subscriptionEnded,
      opened: (unserved) => this.#settleOpened(unserved),
      enter,
      uncaught: hookFailed,
    }
    const hold = new ConnectionHold(platform.holdProcess)
    this.#keeper = new SessionKeeper({
      environment,
      addresses: this.#addresses,
      reconnect,
      connectTimeoutMs: limits.connectTimeoutMs,
      credentials,
      hold,
      make: (connectsAgain) => new ClientSession(ofSessions, connectsAgain),
      changed: (change) => this.#changed(change),
      left: (kept) => this.#again.leave(kept.session),
      started: (start) => this.#started(start),
      ending: (reason) => this.#ending(reason),
      closed: (reason) => this.#sessionsClosed(reason),
    })
    const fingerprints = new ToldFingerprints(contract.announcement)
    const services: CallServices = {
      get session() {
        return session()
      },
      signals,
      streamWindow: { items: limits.streamWindowItems, bytes: limits.streamWindowBytes },
      fingerprintToSend: (entry, { peer }) => fingerprints.next(entry, peer),
      again: this.#again,
      hookFailed,
      explain: (error) => this.#failures.explain(error),
      explainMismatch: (entry, error, deadlineAtMs) => differences.explainCall(entry, error, deadlineAtMs),
    }
    this.surface = clientSurface(contract, {
      calls: {
        services,
        interceptors: options.interceptors,
        defaultDeadlineMs: () => options.defaultDeadlineMs,
        handledCalls: options.inheritDeadline === false ? undefined : platform.handledCalls?.(),
        called: () => silence.settle(),
        watch: diagnostics?.calls,
      },
      offline: options.offline,
      keeper: this.#keeper,
      differences,
      listeners,
      hold,
      remoteEndpoint: () => this.#remoteEndpoint,
      opened: this.#opened,
      closed: this.#closed,
      renewAuth: (auth) => credentials.renew(auth),
      close: (closing) => this.#close(closing),
    })
    diagnostics?.changed({ state: 'connecting' })
    this.#keeper.start(this.#waiting === undefined ? connection : undefined)
  }

  get #remoteEndpoint(): string {
    return this.#addresses?.url ?? 'memory:'
  }

  #newCredentials(
    environment: SessionEnvironment,
    timeoutMs: number,
    { credentialsTimeoutMs, helloBytesMax }: Partial<SessionLimits>,
  ): ClientCredentials {
    const challengeFailed = eventReport(
      this.#options.onChallengeFailed,
      'onChallengeFailed',
      (error) => `the challenge of the server failed: ${this.#credentials.textOf(error)}`,
      this.#report,
    )
    return new ClientCredentials({
      auth: this.#options.auth,
      session: () => this.#keeper.current.session,
      state: () => this.#keeper.status.state,
      environment,
      timeoutMs,
      credentialsTimeoutMs: credentialsTimeoutMs ?? defaultConnectionLimits.credentialsTimeoutMs,
      bytesMax: helloBytesMax ?? defaultConnectionLimits.helloBytesMax,
      enter: (run) => this.#platform.enter(run),
      challengeFailed: (error) => this.#platform.enter(() => challengeFailed(error)),
    })
  }

  /** Calls a hook of the user. */
  #tell<Told>(hook: ((told: Told) => unknown) | undefined, told: Told): void {
    if (hook !== undefined) this.#platform.enter(() => callReporting(() => hook(told), this.#report))
  }

  #hookFailed(error: unknown): void {
    this.#platform.enter(() => this.#report(error))
  }

  #close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const { graceMs } = checkCloseOptions(options)
      this.#again.close()
      this.#parts.listeners.dropOwedGaps()
      this.#keeper.current.differences.ended()
      return this.#keeper.close({ graceMs, closedBy: 'this client was closed by $close()' })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #changed(change: ConnectionChange): void {
    this.#diagnostics?.changed(change)
    this.#tell(this.#options.onStateChange, change)
  }

  /** Called when a session has a connection. */
  #started(start: SessionStart): void {
    this.#credentials.connected(start)
    this.#nextConnection.decided()
    if (!start.resumed && !start.isFirst) this.#parts.listeners.sessionReplaced()
    this.#diagnostics?.started(start)
    this.#tell(this.#options.onSession, start)
  }

  /** Called when there will be no further session, and the calls of the last one are being settled. */
  #ending(reason: SessionCloseReason): void {
    const error = this.#failures.ended(reason)
    this.#nextConnection.decided()
    this.#again.close()
    this.#credentials.ended(error)
    this.#settleOpened(this.#failures.endError)
  }

  #sessionsClosed(reason: SessionCloseReason): void {
    if (this.#waiting !== undefined) abortQuietly(this.#waiting)
    this.#platform.enter(() => {
      this.#parts.silence.settle()
      this.#settleClosed(reason)
      this.#addresses?.release((error) => this.#hookFailed(error))
    })
  }
}

/** For a given connection that waits for credentials for its hello. */
function givenConnector(connection: FrameChannel | ByteStream): Connector {
  return { url: 'memory:', connect: async () => connection }
}

/** Returns the handler of errors in listeners: the user's, or the default. Errors of the user's handler are thrown. */
function guardedReport(onUncaught: ClientOptions['onUncaught']): (error: unknown) => void {
  if (onUncaught === undefined) return reportUncaught
  return (error) => callReporting(() => onUncaught(error), reportUncaught)
}
