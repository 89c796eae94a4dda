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
 * Finds slow peers and long calls of one server. Which connections are slow now stands in their figures. Which ones the server has ended for it, and how long
 * a call took, is only published on channels of `node:diagnostics_channel`, which all servers of the process share.
 */
export class PeerWatch {
  readonly #server: () => Pick<Server, 'connections'>
  readonly #nowMs: () => number
  /** When connections were cut off. Those that are too old leave when they are counted. */
  #cutOffAtMs: number[] = []
  #longestCallMs = 0
  #watchesCalls = false

  constructor(server: () => Pick<Server, 'connections'>, nowMs: () => number) {
    this.#server = server
    this.#nowMs = nowMs
  }

  /** Counts connections that are cut off, also while nobody looks: it happens rarely, and somebody who comes to look later should see it. */
  start(): void {
    subscribe(serverChannels.slowSubscriber, this.#onCutOff)
  }

  /** Listens to each call from now on. Without this, calls are not published. */
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

  /** What has happened since it was asked last. */
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
