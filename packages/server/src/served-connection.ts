import { type ByteStream, type FrameChannel, frameChannelOf } from '@frameport/framing'
import type { TlsFacts } from '@frameport/iocp-core/tls'
import {
  type Contract,
  type ContractEvent,
  type PayloadSentOf,
  RpcError,
  type SessionCloseReason,
} from '@frameport/protocol'
import type { ClientProcedures } from '@frameport/protocol/calling'
import type { TopicArguments } from '@frameport/protocol/contract'
import { bodyOfValue } from '@frameport/protocol/envelope'
import type {
  ChallengeOptions,
  EmitVerdict,
  EventEncoding,
  EventGap,
  Session,
} from '@frameport/protocol/session'
import { inEmptyContext } from './async-context.ts'
import { ClientCalls } from './call/client-calls.ts'
import { checkCloseOptions } from './check-options.ts'
import type { HookedConnection } from './connection-hooks.ts'
import type { ConnectionServices } from './connection-services.ts'
import type { ServerConnection } from './connection-types.ts'
import { checkChallenge } from './credentials.ts'
import type { AnnouncedConnection } from './end-announcement.ts'
import type { LogReader } from './event-log/catch-up.ts'
import { checkTopicOf, eventToSend, payloadOf, topicOf } from './events/event-to-send.ts'
import { type DeliveryVerdict, subscriptionKey } from './events/subscriptions.ts'
import type { Logger } from './logger.ts'
import { type PeerFacts, ServedSession } from './served-session.ts'
import type { Membership } from './shares/membership.ts'
import type { ConnectionStats } from './stats.ts'

const subscribed = Promise.resolve()

/** One client of a server, for the server and its users. */
export class ServedConnection implements HookedConnection, AnnouncedConnection, LogReader {
  readonly id: string
  readonly #services: ConnectionServices
  readonly #served: ServedSession
  /** The session of `#served`, cached because every event uses it. */
  readonly #session: Session
  #clientCalls: ClientCalls | undefined

  /** @throws the error of the channel when it is started */
  constructor(
    id: string,
    peer: PeerFacts,
    connection: FrameChannel | ByteStream,
    membership: Membership,
    services: ConnectionServices,
  ) {
    this.id = id
    this.#services = services
    this.#served = new ServedSession(this, peer, membership, services)
    this.#session = this.#served.session
    this.#session.attach(frameChannelOf(connection))
  }

  get remoteEndpoint(): string {
    return this.#served.remoteEndpoint
  }

  get tls(): TlsFacts | undefined {
    return this.#served.tls
  }

  get log(): Logger {
    return this.#served.membership.share.log
  }

  get state(): ServerConnection['state'] {
    return this.#session.state
  }

  get context(): unknown {
    return this.#served.context
  }

  get callsInFlight(): number {
    return this.#session.callsInFlight
  }

  get queuedBytes(): number {
    return this.#session.queuedBytes + this.#session.eventBytesWaiting
  }

  get subscriptions(): number {
    return this.#served.subscriptions
  }

  stats(): ConnectionStats {
    return { ...this.#session.stats(), subscriptions: this.subscriptions }
  }

  closed(): Promise<SessionCloseReason> {
    return this.#served.ended()
  }

  subscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): Promise<void> {
    const key = this.#keyOf(event, topic)
    checkTopicOf(event, topic)
    if (this.state !== 'closed') this.#served.subscribed.add(key)
    return this.#services.subscriptions.feed(key)?.ready ?? subscribed
  }

  unsubscribe<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void {
    this.#served.subscribed.remove(this.#keyOf(event, topic), 'handlers')
  }

  revoke<E extends ContractEvent>(event: E, ...topic: TopicArguments<E>): void {
    const error = new RpcError(
      'PERMISSION_DENIED',
      `The server ended the subscription of this client to that topic of ${event.name}.`,
    )
    const call = this.#served.subscribed.revoke(this.#keyOf(event, topic), error)
    if (call !== undefined) this.#session.endSubscription(call, error)
  }

  emit<E extends ContractEvent>(
    event: E,
    ...topicAndPayload: [...topic: TopicArguments<E>, payload: PayloadSentOf<E>]
  ): void {
    this.#services.router.checkEvent(event)
    const { eventLedger, validateOutputs } = this.#services
    const payload = payloadOf(event, topicAndPayload, validateOutputs)
    const topic = topicOf(event, topicAndPayload)
    if (validateOutputs) checkTopicOf(event, topicAndPayload)
    const sent = eventToSend(event, topic, payload, eventLedger)
    this.#delivered(this.#session.emit(sent))
  }

  giveUp(message: string, cause: unknown): void {
    this.#served.membership.leave()
    this.#session.abort({ code: 'ABORTED', message, cause })
  }

  announceEnd(): void {
    this.#session.announceEnd()
  }

  close(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    try {
      const { graceMs } = checkCloseOptions(options)
      const closedBy = 'this server closed the connection'
      return inEmptyContext(() => this.#session.close({ graceMs, closedBy }))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  challenge(challenge: unknown, options: ChallengeOptions = {}): Promise<void> {
    try {
      const checked = checkChallenge(this.#services.renewContext, options)
      return inEmptyContext(() => this.#session.challenge(bodyOfValue(challenge), checked))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  client<C extends Contract>(contract: C): ClientProcedures<C['clientProcedures']> {
    this.#clientCalls ??= this.#newClientCalls()
    return this.#clientCalls.of(contract) as ClientProcedures<C['clientProcedures']>
  }

  deliver(event: EventEncoding): DeliveryVerdict {
    try {
      return this.#delivered(this.#session.emit(event))
    } catch (error) {
      return this.#tooLarge(event, error)
    }
  }

  deliverIfRoom(event: EventEncoding): DeliveryVerdict | undefined {
    try {
      const verdict = this.#session.emitIfRoom(event)
      return verdict === undefined ? undefined : this.#delivered(verdict)
    } catch (error) {
      return this.#tooLarge(event, error)
    }
  }

  leaveOut(event: EventEncoding): void {
    this.#session.leaveOut(event)
  }

  sendGap(gap: EventGap): void {
    this.#session.sendGap(gap)
  }

  eventsSent(): Promise<boolean> {
    return this.#session.eventsSent()
  }

  eventsDrained(): Promise<boolean> {
    return this.#session.eventsDrained()
  }

  #newClientCalls(): ClientCalls {
    const { diagnostics, environment } = this.#services
    return new ClientCalls(
      this.#services,
      this.#session,
      (err) => this.log.error({ connection: this.id, err }, 'a hook of a call to a client threw'),
      diagnostics?.callsTo(this, () => environment.nowMs()),
    )
  }

  #delivered(verdict: EmitVerdict): DeliveryVerdict {
    if (verdict === 'closed') return 'gone'
    if (verdict === 'leftOut') return 'leftOut'
    this.#services.eventLedger.delivered()
    return verdict === 'waiting' ? 'waiting' : 'taken'
  }

  #keyOf(event: ContractEvent, args: readonly unknown[]): string {
    this.#services.router.checkEvent(event)
    return subscriptionKey(event.wireName, topicOf(event, args))
  }

  /**
   * Each client announces its own maximum: an event that is too large for one must still reach the others.
   *
   * @throws any other error
   */
  #tooLarge(event: EventEncoding, error: unknown): 'leftOut' {
    if (!RpcError.is(error) || error.code !== 'RESOURCE_EXHAUSTED') throw error
    const facts = { connection: this.id, event: event.event, err: error }
    this.log.warn(facts, 'an event is too large for a subscriber and was not sent to it')
    this.#session.leaveOut(event)
    return 'leftOut'
  }
}
