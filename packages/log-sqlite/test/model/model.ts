/** A model of a log, as arrays. It shares no code with the log. */
export interface ModelEvent {
  readonly number: number
  readonly topic: string
  readonly id: string | undefined
  readonly text: string
  readonly cost: number
}

export interface ModelLimits {
  readonly eventsMax: number
  readonly bytesMax: number
  readonly topicEventsMax: number
}

export class LogModel {
  limits: ModelLimits
  events: ModelEvent[] = []
  last = 0
  /** The number of the newest deleted event, by topic. */
  readonly #gone = new Map<string, number>()

  constructor(limits: ModelLimits) {
    this.limits = limits
  }

  append(event: Omit<ModelEvent, 'number'>): { number: number; isRepeat: boolean } {
    const known = this.events.find(
      ({ topic, id }) => topic === event.topic && id !== undefined && id === event.id,
    )
    if (known !== undefined) return { number: known.number, isRepeat: true }
    this.last += 1
    this.events.push({ ...event, number: this.last })
    return { number: this.last, isRepeat: false }
  }

  /** Deletes the events over the limits. The log may delete them later, but never earlier. */
  trim(): void {
    for (const topic of new Set(this.events.map((event) => event.topic))) {
      const own = this.events.filter((event) => event.topic === topic)
      for (const event of own.slice(0, Math.max(0, own.length - this.limits.topicEventsMax)))
        this.#drop(event)
    }
    while (
      this.events.length > this.limits.eventsMax ||
      this.events.reduce((sum, { cost }) => sum + cost, 0) > this.limits.bytesMax
    ) {
      this.#drop(this.events[0]!)
    }
  }

  after(topic: string, number: number): { events: ModelEvent[]; isMissing: boolean } {
    const events = this.events.filter((event) => event.topic === topic && event.number > number)
    return { events, isMissing: number < (this.#gone.get(topic) ?? 0) }
  }

  before(topic: string, number: number): ModelEvent[] {
    return this.events.filter((event) => event.topic === topic && event.number < number)
  }

  #drop(gone: ModelEvent): void {
    this.events = this.events.filter((event) => event !== gone)
    this.#gone.set(gone.topic, Math.max(gone.number, this.#gone.get(gone.topic) ?? 0))
  }
}
