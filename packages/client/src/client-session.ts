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

/** What the sessions of one client have in common. */
export interface ClientSessionParts {
  readonly contract: Contract
  /** Of each session, beside what is its own. */
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
    /** Of the next hello. Undefined when they have to be asked for. */
    readonly known: SessionOptions['auth']
    /** Answers a challenge. Undefined when there is nothing to answer with. */
    readonly challenged: ((challenge: Body) => Promise<Body>) | undefined
    answerFailed(error: unknown): void
  }
  /** The server has ended a subscription. @param callId of the call that asked for it */
  readonly subscriptionEnded: (callId: number, error: RpcError) => void
  /** A handshake is done. @param unserved why the server serves no call of this client, if so */
  readonly opened: (unserved: RpcError | undefined) => void
  /** Runs what users wrote in their context. */
  readonly enter: (run: () => void) => void
  /** Told what users' callbacks throw. */
  readonly uncaught: (error: unknown) => void
}

/** One session of a client: what comes on it goes to the part of the client that it is for. */
export class ClientSession implements KeptSession, SessionHandlers {
  readonly session: Session
  /** In what the contract of its server differs. */
  readonly differences: ServerDifferences
  readonly challenged?: NonNullable<SessionHandlers['challenged']>
  readonly #parts: ClientSessionParts

  /** @param connectsAgain as that of a session */
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

  /** A channel may take its time to close: those who wait for the connection need not. */
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

  /** What a session that is left still sends, the new one has subscribed to. */
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
