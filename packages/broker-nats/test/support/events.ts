import type { BusEvent, BusReceiver, BusTopic, EventToLog, LogEntry, LoggedTopic } from '@frameport/server'

const text = new TextEncoder()

export const lobby: LoggedTopic = { event: 'chat@1/line', topic: '{"room":"lobby"}' }
export const cellar: LoggedTopic = { event: 'chat@1/line', topic: '{"room":"cellar"}' }

export function eventOf(topic: LoggedTopic, said: string, id?: string): EventToLog {
  const event = { ...topic, body: { encoding: 'codec' as const, bytes: text.encode(said) } }
  return id === undefined ? event : { ...event, id }
}

export function said({ body }: { readonly body: BusEvent['body'] }): string {
  return new TextDecoder().decode(body.bytes)
}

/** Records what a bus delivers, in order: the text of each event, and `gap` with its topic. */
export class Heard implements BusReceiver {
  readonly all: string[] = []
  readonly topics: BusTopic[] = []

  event(event: BusEvent): void {
    this.all.push(said(event))
    this.topics.push({ event: event.event, topic: event.topic })
  }

  gap(topic?: BusTopic): void {
    this.all.push(topic === undefined ? 'gap' : `gap ${topic.topic}`)
  }

  get events(): string[] {
    return this.all.filter((entry) => !entry.startsWith('gap'))
  }

  get gaps(): string[] {
    return this.all.filter((entry) => entry.startsWith('gap'))
  }
}

/** Records what a log delivers to a follower. */
export class Followed {
  readonly all: string[] = []
  readonly entries: LogEntry[] = []
  readonly previous: (number | undefined)[] = []

  event(entry: LogEntry, previous?: number): void {
    this.all.push(said(entry))
    this.entries.push(entry)
    this.previous.push(previous)
  }

  missed(): void {
    this.all.push('missed')
  }

  /** The events in the order of the log. */
  inOrder() {
    return this.entries
      .map((entry, index) => ({
        number: entry.position.number,
        previous: this.previous[index],
        text: said(entry),
      }))
      .sort((a, b) => a.number - b.number)
  }
}
