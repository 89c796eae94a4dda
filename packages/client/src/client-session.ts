import type { Contract, RpcError, SessionCloseReason } from '@frameport/protocol'
import type { Body } from '@frameport/protocol/envelope'
import {
  createClientSession,
  type DroppedEvent,
  type DroppedOneway,
  type EventGap,
  type Goaway,
  type IncomingCall,
  type OpenedLink,
  type PeerInfo,
  type Session,
  type SessionEvent,
  type SessionHandlers,
  type SessionOptions,
} from '@frameport/protocol/session'
import type { KeptSession } from './connect/kept-sessions.ts'
import type { SessionKeeper } from './connect/session-keeper.ts'
import type { ClientDifferences } from './differences/client-differences.ts'
import type { ServerDifferences } from './differences/server-differences.ts'
import type { EventListeners } from './events/event-listeners.ts'
import { refuseCall, type ServedCalls } from './serving/served-calls.ts'

/** The parts that the sessions of one client share. */
export interface ClientSessionParts {
  readonly contract: Contract
  /** The options of each session, in addition to its own. */
  readonly options: Omit<SessionOptions, 'role' | 'handlers' | 'auth' | 'connectsAgain'>
  readonly keeper: () => Pick<
    SessionKeeper<ClientSession>,
    'current' | 'opened' | 'resumed' | 'detached' | 'forgotten' | 'goaway' | 'ending' | 'closed'
  >
  readonly listeners: EventListeners
  readonly differences: ClientDifferences
  /** Absent for a client without handlers. */
  readonly served: ServedCalls | undefined
  readonly credentials: {
    /** The credentials of the next hello. Undefined if a function must be called for them. */
    readonly known: SessionOptions['auth']
    /** Answers a challenge. Undefined when there is nothing to answer with. */
    readonly challenged: ((challenge: Body) => Promise<Body>) | undefined
    answerFailed(error: unknown): void
  }
  /** Called when the server has ended a subscription. @param callId of the call that requested it */
  readonly subscriptionEnded: (callId: number, error: RpcError) => void
  /** Called when a handshake is complete. @param unserved the reason if the server serves no call of this client */
  readonly opened: (unserved: RpcError | undefined) => void
  /** Runs user code in the user's async context. */
  readonly enter: (run: () => void) => void
  /** Called with the errors of user callbacks. */
  readonly uncaught: (error: unknown) => void
}

/** One session of a client: passes on each of its events to the responsible part of the client. */
export class ClientSession implements KeptSession, SessionHandlers {
  readonly session: Session
  /** The differences from the contract of its server. */
  readonly differences: ServerDifferences
  readonly challenged?: NonNullable<SessionHandlers['challenged']>
  readonly #parts: ClientSessionParts

  /** @param connectsAgain the option of the session */
  constructor(parts: ClientSessionParts, connectsAgain: boolean) {
    const { options, credentials, differences } = parts
    this.#parts = parts
    if (credentials.challenged !== undefined) this.challenged = credentials.challenged
    this.session = createClientSession({
      ...options,
      role: 'client',
      auth: credentials.known,
      connectsAgain,
      handlers: this,
    })
    this.differences = differences.of(() => this.session)
  }

  opened(peer: PeerInfo): void {
    const { differences, opened } = this.#parts
    const unserved = differences.opened(this.differences, peer)
    this.#keeper.opened(this)
    opened(unserved)
  }

  detached(reason: SessionCloseReason): void {
    this.#keeper.detached(this, reason)
  }

  resumed(): void {
    this.#keeper.resumed(this)
  }

  forgotten(opened: OpenedLink): void {
    this.#keeper.forgotten(this, opened)
  }

  goaway(goaway: Goaway): void {
    this.#keeper.goaway(this, goaway)
  }

  /** A channel may take time to close. Callers that wait for the connection do not wait for that. */
  ending(reason: SessionCloseReason): void {
    this.differences.ended()
    this.#keeper.ending(this, reason)
  }

  closed(): void {
    this.#keeper.closed(this)
  }

  call(call: IncomingCall): void {
    const { served, contract } = this.#parts
    if (served === undefined) refuseCall(call, contract)
    else served.answer(call)
  }

  onewayDropped(dropped: DroppedOneway): void {
    this.#parts.served?.dropped(dropped)
  }

  event(event: SessionEvent, bytes: number): void {
    const { enter, listeners } = this.#parts
    enter(() => listeners.receive(event, bytes))
  }

  /** Returns false for a former session: the current one has subscribed to its events. */
  wantsEvent(event: string, topic: string): boolean {
    const { listeners, differences } = this.#parts
    return this.#isCurrent && listeners.has(event, topic) && differences.strict?.refusesEvent(event) !== true
  }

  subscriptionEnded(callId: number, error: RpcError): void {
    if (this.#isCurrent) this.#parts.subscriptionEnded(callId, error)
  }

  eventGap(gap: EventGap): void {
    const { enter, listeners } = this.#parts
    if (this.#isCurrent) enter(() => listeners.gap(gap))
  }

  eventDropped(dropped: DroppedEvent): void {
    const { enter, listeners } = this.#parts
    if (this.#isCurrent) enter(() => listeners.dropped(dropped))
  }

  answerFailed(error: unknown): void {
    this.#parts.credentials.answerFailed(error)
  }

  uncaught(error: unknown): void {
    this.#parts.uncaught(error)
  }

  get #keeper(): ReturnType<ClientSessionParts['keeper']> {
    return this.#parts.keeper()
  }

  get #isCurrent(): boolean {
    return this.#keeper.current === this
  }
}
