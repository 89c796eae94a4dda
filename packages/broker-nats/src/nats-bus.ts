import { callReporting, reportUncaught } from '@frameport/framing/checks'
import type { BusEvent, BusMember, BusReceiver, BusTopic, EventBus } from '@frameport/server'
import { constants } from './limits.ts'
import type { LinkSubscription } from './link-subscription.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import { type NatsLink, notAllowed } from './nats-link.ts'
import { decodeAge, decodeRecord, encodeAge, encodeRecord } from './record.ts'
import { topicKey, topicToken } from './subjects.ts'

/** A topic that members of this bus listen to. */
interface HeardTopic {
  readonly members: Set<NatsBusMember>
  readonly subscription: LinkSubscription
  /** When its members last got a gap. */
  toldAtMs: number
}

interface OwedGap {
  readonly topic: BusTopic
  /** When the last event of the topic was refused. */
  readonly lostAtMs: number
}

/**
 * The bus of one connection. Its members exchange events directly, because the NATS server does not send a client its
 * own publications.
 */
export class NatsBus implements EventBus {
  readonly #link: NatsLink
  readonly #prefix: string
  readonly #members = new Set<NatsBusMember>()
  readonly #topics = new Map<string, HeardTopic>()
  /** Reports that events of all topics may be missing. */
  #gaps: LinkSubscription | undefined
  /** Topics with events that were not sent. The other servers get a gap when the broker is back. */
  readonly #owed = new Map<string, OwedGap>()
  /** When the last event was refused while there were more such topics than are remembered. */
  #allLostAtMs: number | undefined
  /** When all members last got a gap for all topics. */
  #toldAtMs = Number.NEGATIVE_INFINITY
  #isPaying = false

  constructor(link: NatsLink) {
    this.#link = link
    this.#prefix = `${link.options.prefix}.bus`
    link.onBack(() => {
      this.#tellGap()
      this.#pay()
    })
  }

  join(receiver: BusReceiver): BusMember {
    this.#gaps ??= this.#link.subscribe(`${this.#prefix}.gap`, {
      message: ({ data }) => {
        if (this.#isUntold(decodeAge(data))) this.#tellGap()
      },
      missed: () => this.#tellGap(),
      renewed: toldForAll,
    })
    const member = new NatsBusMember(this, receiver)
    this.#members.add(member)
    return member
  }

  async publish(from: NatsBusMember, event: BusEvent): Promise<void> {
    const subject = this.#subjectOf(event)
    const record = encodeRecord(event)
    try {
      const batch = this.#link.publish(subject, record)
      for (const member of this.#topics.get(topicKey(event))?.members ?? []) {
        if (member !== from) queueMicrotask(() => member.tell(event))
      }
      await batch.settled
      if (batch.refused.has(subject)) throw notAllowed(batch.refused.get(subject))
    } catch (error) {
      this.#owe(from, event)
      throw error
    }
    this.#pay()
  }

  async listen(member: NatsBusMember, topic: BusTopic): Promise<void> {
    const key = topicKey(topic)
    let heard = this.#topics.get(key)
    if (heard === undefined) {
      heard = {
        members: new Set(),
        subscription: this.#subscribe(topic),
        toldAtMs: Number.NEGATIVE_INFINITY,
      }
      this.#topics.set(key, heard)
    }
    heard.members.add(member)
    await this.#link.listening(heard.subscription)
  }

  ignore(member: NatsBusMember, topic: BusTopic): void {
    const key = topicKey(topic)
    const heard = this.#topics.get(key)
    if (heard === undefined) return
    heard.members.delete(member)
    if (heard.members.size > 0) return
    this.#topics.delete(key)
    this.#link.unsubscribe(heard.subscription)
  }

  leave(member: NatsBusMember): void {
    this.#members.delete(member)
    for (const [key, heard] of this.#topics) {
      if (!heard.members.delete(member) || heard.members.size > 0) continue
      this.#topics.delete(key)
      this.#link.unsubscribe(heard.subscription)
    }
    if (this.#members.size > 0 || this.#gaps === undefined) return
    this.#link.unsubscribe(this.#gaps)
    this.#gaps = undefined
  }

  #subjectOf(topic: BusTopic): string {
    return `${this.#prefix}.topic.${topicToken(topic)}`
  }

  #subscribe(topic: BusTopic): LinkSubscription {
    const key = topicKey(topic)
    return this.#link.subscribe(this.#subjectOf(topic), {
      message: ({ data }) => {
        const record = decodeRecord(data)
        // Another version, or an unknown publisher, wrote the record. So an event of this topic was not understood.
        if (record === undefined) return this.#tellGap(topic)
        // The record is of another topic with the same hash in its subject.
        if (topicKey(record) !== key) return
        const heard = this.#topics.get(key)
        if (record.body === undefined) {
          if (this.#isUntold(record.agoMs, heard)) this.#tellGap(topic)
          return
        }
        for (const member of heard?.members ?? []) member.tell(record)
      },
      missed: () => this.#tellGap(topic),
      renewed: toldForAll,
    })
  }

  /**
   * Whether the gap must still be reported. A gap reported after the loss covers it: after an outage, each server
   * reports one for its own connection.
   */
  #isUntold(agoMs: number, heard?: HeardTopic): boolean {
    const toldAtMs = Math.max(this.#toldAtMs, heard?.toldAtMs ?? Number.NEGATIVE_INFINITY)
    return performance.now() - agoMs >= toldAtMs
  }

  #tellGap(topic?: BusTopic, except?: NatsBusMember): void {
    const heard = topic === undefined ? undefined : this.#topics.get(topicKey(topic))
    if (except === undefined && topic === undefined) this.#toldAtMs = performance.now()
    if (except === undefined && heard !== undefined) heard.toldAtMs = performance.now()
    const members = topic === undefined ? this.#members : heard?.members
    for (const member of members ?? []) if (member !== except) member.tellGap(topic)
  }

  /**
   * Called when an event may not have reached all servers. Its publisher gets a rejection, and the other servers get a
   * gap as soon as possible.
   */
  #owe(from: NatsBusMember, topic: BusTopic): void {
    if (this.#link.state === 'closed') return
    const { event, topic: text } = topic
    const lostAtMs = performance.now()
    const key = topicKey(topic)
    if (this.#owed.size < constants.owedTopicsMax || this.#owed.has(key)) {
      this.#owed.set(key, { topic: { event, topic: text }, lostAtMs })
    } else this.#allLostAtMs = lostAtMs
    this.#tellGap({ event, topic: text }, from)
    if (this.#link.state === 'connected') this.#pay()
  }

  #pay(): void {
    if (this.#isPaying || (this.#owed.size === 0 && this.#allLostAtMs === undefined)) return
    this.#isPaying = true
    this.#payAll()
      .catch(() => undefined)
      .finally(() => {
        this.#isPaying = false
      })
  }

  /** Gaps that could not be sent stay pending: the next publication, or the return of the broker, tries again. */
  async #payAll(): Promise<void> {
    // Gaps over the limit wait until there is room.
    await this.#link.drained()
    const lostAtMs = this.#allLostAtMs
    if (lostAtMs !== undefined) {
      const age = encodeAge(performance.now() - lostAtMs)
      await this.#link.publish(`${this.#prefix}.gap`, age).settled
      if (this.#allLostAtMs === lostAtMs) this.#allLostAtMs = undefined
      for (const [key, owed] of this.#owed) if (owed.lostAtMs <= lostAtMs) this.#owed.delete(key)
    }
    for (const [key, owed] of this.#owed) {
      const { topic, lostAtMs } = owed
      const record = encodeRecord({ ...topic, agoMs: performance.now() - lostAtMs })
      await this.#link.publish(this.#subjectOf(topic), record).settled
      if (this.#owed.get(key) === owed) this.#owed.delete(key)
    }
  }
}

/** Does nothing, because one gap for all topics is reported after an outage. */
function toldForAll(): void {}

class NatsBusMember implements BusMember {
  readonly #bus: NatsBus
  readonly #receiver: BusReceiver
  #hasLeft = false

  constructor(bus: NatsBus, receiver: BusReceiver) {
    this.#bus = bus
    this.#receiver = receiver
  }

  async publish(event: BusEvent): Promise<void> {
    this.#checkMember()
    await this.#bus.publish(this, event)
  }

  async listen(topic: BusTopic): Promise<void> {
    this.#checkMember()
    await this.#bus.listen(this, topic)
  }

  ignore(topic: BusTopic): void {
    this.#bus.ignore(this, topic)
  }

  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.#bus.leave(this)
  }

  tell(event: BusEvent): void {
    if (!this.#hasLeft) callReporting(() => this.#receiver.event(event), reportUncaught)
  }

  tellGap(topic?: BusTopic): void {
    if (!this.#hasLeft) callReporting(() => this.#receiver.gap(topic), reportUncaught)
  }

  #checkMember(): void {
    if (this.#hasLeft) throw new NatsBrokerError('CLOSED')
  }
}
