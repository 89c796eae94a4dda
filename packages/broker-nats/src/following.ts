import { reportUncaught } from '@frameport/framing/checks'
import type { LogFollower, LogFollowing, LoggedTopic } from '@frameport/server'
import { type LogPlaces, messageHeaders } from './log-stream.ts'
import type { NatsLink } from './nats-link.ts'
import { entryOf } from './read-pages.ts'
import { logIdOf, topicToken } from './subjects.ts'

interface FollowingHooks {
  /** The name of the stream that keeps the log now. */
  readonly current: () => string
  readonly seen: (stream: string, number: number) => void
  readonly ended: () => void
}

/**
 * Follows a topic: JetStream republishes each stored message. nats-server 2.9 stores the messages of a connection and
 * republishes them without one lock around both, so messages of two connections may come in another order than that of
 * the stream. The server notices this by the number of the previous message, and then reads the log.
 */
export class Following implements LogFollowing {
  readonly ready: Promise<void>
  readonly #stop: () => void
  readonly #follower: LogFollower
  /** The name of the stream that the follower knows. */
  #stream: string

  constructor(
    link: NatsLink,
    places: LogPlaces,
    topic: LoggedTopic,
    follower: LogFollower,
    hooks: FollowingHooks,
  ) {
    this.#follower = follower
    this.#stream = hooks.current()
    let isStopped = false
    const subscription = link.subscribe(`${places.told}.${topicToken(topic)}`, {
      message: ({ headers: head, data }) => {
        const stream = head?.get(messageHeaders.stream) ?? ''
        const number = Number(head?.get(messageHeaders.sequence))
        const previous = Number(head?.get(messageHeaders.lastSequence))
        const log = logIdOf(places.base, stream)
        if (log === undefined || !Number.isSafeInteger(number) || number < 1) return
        hooks.seen(stream, number)
        this.tellOther(stream)
        const entry = entryOf(topic, log, { number, data })
        if (entry !== undefined) follower.event(entry, Number.isSafeInteger(previous) ? previous : undefined)
      },
      missed: () => follower.missed(),
      renewed: () => follower.missed(),
    })
    this.ready = link.listening(subscription)
    this.ready.catch(() => undefined)
    this.#stop = () => {
      if (isStopped) return
      isStopped = true
      link.unsubscribe(subscription)
      hooks.ended()
    }
  }

  /** Reports to the follower that another stream keeps the log now, so its last position belongs to the old one. */
  tellOther(stream: string): void {
    if (stream === this.#stream) return
    this.#stream = stream
    try {
      this.#follower.missed()
    } catch (error) {
      reportUncaught(error)
    }
  }

  stop(): void {
    this.#stop()
  }
}
