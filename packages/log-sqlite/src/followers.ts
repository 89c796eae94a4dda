import type { LogEntry, LogFollower, LogFollowing, LoggedTopic } from '@frameport/server'

class Following implements LogFollowing {
  readonly follower: LogFollower
  readonly #leave: (following: Following) => void
  isStopped = false

  constructor(follower: LogFollower, leave: (following: Following) => void) {
    this.follower = follower
    this.#leave = leave
  }

  stop(): void {
    if (this.isStopped) return
    this.isStopped = true
    this.#leave(this)
  }
}

/** The followers of a log, by topic. */
export class Followers {
  readonly #byTopic = new Map<string, Set<Following>>()

  add(topic: LoggedTopic, follower: LogFollower): LogFollowing {
    const key = keyOf(topic)
    const following = new Following(follower, (left) => {
      const followings = this.#byTopic.get(key)
      followings?.delete(left)
      if (followings?.size === 0) this.#byTopic.delete(key)
    })
    const present = this.#byTopic.get(key)
    if (present === undefined) this.#byTopic.set(key, new Set([following]))
    else present.add(following)
    return following
  }

  tell(topic: LoggedTopic, entry: LogEntry): void {
    this.#each(this.#byTopic.get(keyOf(topic)), (follower) => follower.event(entry))
  }

  /** Tells all followers that events may be missing and that no more will arrive. */
  missed(): void {
    for (const followings of [...this.#byTopic.values()])
      this.#each(followings, (follower) => follower.missed())
  }

  /** A follower that throws must not keep the others from being called. Its error is reported as uncaught. */
  #each(followings: Iterable<Following> | undefined, call: (follower: LogFollower) => void): void {
    for (const { isStopped, follower } of followings === undefined ? [] : [...followings]) {
      if (isStopped) continue
      try {
        call(follower)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** The name of an event never contains a line break. */
function keyOf({ event, topic }: LoggedTopic): string {
  return `${event}\n${topic}`
}
