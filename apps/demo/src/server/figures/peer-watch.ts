import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Server,
  type ServerCallMessage,
  type ServerConnection,
  type SlowSubscriberMessage,
  serverChannels,
} from '@frameport/server'
import { limits } from '../../limits.ts'
import type { PeerFigures } from './meter.ts'

const callEndChannel = `tracing:${serverChannels.call}:asyncEnd`

/**
 * Finds slow peers and long calls of one server. The stats of a connection show whether it is slow now. The end of slow
 * connections and the duration of calls are only published on channels of `node:diagnostics_channel`, which all servers
 * of the process share.
 */
export class PeerWatch {
  readonly #server: () => Pick<Server, 'connections'>
  readonly #nowMs: () => number
  /** When connections were cut off. Old entries are removed when they are counted. */
  #cutOffAtMs: number[] = []
  #longestCallMs = 0
  #watchesCalls = false

  constructor(server: () => Pick<Server, 'connections'>, nowMs: () => number) {
    this.#server = server
    this.#nowMs = nowMs
  }

  /** Counts connections that are cut off, even without viewers: this is rare, and a later viewer should see it. */
  start(): void {
    subscribe(serverChannels.slowSubscriber, this.#onCutOff)
  }

  /** Listens to all calls from now on. Without a listener, calls are not published. */
  watchCalls(): void {
    if (this.#watchesCalls) return
    this.#watchesCalls = true
    this.#longestCallMs = 0
    subscribe(callEndChannel, this.#onCallEnd)
  }

  ignoreCalls(): void {
    this.#watchesCalls = false
    unsubscribe(callEndChannel, this.#onCallEnd)
  }

  /** Returns the figures since the last call of this method. */
  take(): PeerFigures {
    const longestCallMs = this.#longestCallMs
    this.#longestCallMs = 0
    this.#forgetOld()
    const slow = [...this.#server().connections].filter(isSlow).length
    return { slow, cutOff: this.#cutOffAtMs.length, longestCallMs }
  }

  close(): void {
    this.ignoreCalls()
    unsubscribe(serverChannels.slowSubscriber, this.#onCutOff)
  }

  readonly #onCutOff = (message: unknown): void => {
    const { connection } = message as SlowSubscriberMessage
    if (!this.#server().connections.has(connection)) return
    this.#forgetOld()
    this.#cutOffAtMs.push(this.#nowMs())
  }

  readonly #onCallEnd = (message: unknown): void => {
    const { kind, connection, durationMs = 0 } = message as ServerCallMessage
    // A stream lasts as long as its reader likes.
    if (kind !== 'unary' || !this.#server().connections.has(connection)) return
    this.#longestCallMs = Math.max(this.#longestCallMs, durationMs)
  }

  #forgetOld(): void {
    const sinceMs = this.#nowMs() - limits.cutOffShownMs
    this.#cutOffAtMs = this.#cutOffAtMs.filter((atMs) => atMs > sinceMs)
  }
}

/** A client that is away reads nothing, and is not slow. */
function isSlow({ state, queuedBytes }: ServerConnection): boolean {
  return state !== 'detached' && queuedBytes > limits.slowPeerBytes
}
