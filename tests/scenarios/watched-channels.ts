import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'

/** A published message, in the order of publishing. */
export interface Published {
  /** The name without `tracing:`. */
  readonly channel: string
  readonly message: Readonly<Record<string, unknown>>
}

export interface WatchedChannels extends Disposable {
  readonly published: readonly Published[]
  /**
   * What was published on the channels whose names begin with this one, without that beginning. For a call, these are
   * its events.
   */
  of(name: string): readonly string[]
}

const parts = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** The names of the five channels of a `TracingChannel`. */
export function tracingNames(name: string): readonly string[] {
  return parts.map((part) => `tracing:${name}:${part}`)
}

/** Subscribes to channels until it is disposed of. Messages are not copied: the message of a call changes. */
export function watchChannels(names: readonly string[]): WatchedChannels {
  const published: Published[] = []
  const note = (message: unknown, name: string | symbol) => {
    published.push({
      channel: String(name).replace(/^tracing:/, ''),
      message: message as Published['message'],
    })
  }
  for (const name of names) subscribe(name, note)
  return {
    published,
    of: (name) =>
      published
        .filter(({ channel: of }) => of.startsWith(`${name}:`))
        .map(({ channel: of }) => of.slice(name.length + 1)),
    [Symbol.dispose]() {
      for (const name of names) {
        unsubscribe(name, note)
        if (channel(name).hasSubscribers) throw new Error(`somebody is still subscribed to ${name}`)
      }
    },
  }
}
