import type { SessionCore } from '../session-core.ts'
import type { SessionTimer } from '../session-types.ts'

/** What a timer that comes late leaves for bytes which wait in the kernel: one more turn of the loop. */
const lastLookMs = 1

/**
 * Pings when the peer has been silent, and reports it gone when it stays silent. A peer that takes bytes off our
 * queue lives, even if its pong is stuck behind a long answer; and while this side has stopped reading, silence
 * says nothing.
 */
export class Heartbeat {
  readonly #core: SessionCore
  readonly #lost: () => void
  #timer: SessionTimer | undefined
  #heardAtMs = 0
  /** When the ping of this silence was sent. */
  #pingedAtMs: number | undefined
  /** Bytes in front of the ping when it was sent, or left of them at the last look. */
  #queuedBefore = 0
  #takenBefore = 0
  #lastLook = false
  #suspended = false
  #token = 0

  constructor(core: SessionCore, lost: () => void) {
    this.#core = core
    this.#lost = lost
  }

  start(): void {
    this.heard()
    const { heartbeatIntervalMs } = this.#core.limits
    if (heartbeatIntervalMs > 0) this.#wait(heartbeatIntervalMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Any byte arrived. */
  heard(): void {
    this.#heardAtMs = this.#core.environment.nowMs()
    this.#pingedAtMs = undefined
    this.#lastLook = false
  }

  suspend(): void {
    this.#suspended = true
  }

  resume(): void {
    this.#suspended = false
    this.heard()
  }

  #wait(delayMs: number): void {
    this.#timer = this.#core.environment.setTimer(delayMs, () => this.#check())
  }

  #check(): void {
    const { heartbeatIntervalMs } = this.#core.limits
    if (this.#suspended) {
      this.#wait(heartbeatIntervalMs)
      return
    }
    if (this.#pingedAtMs !== undefined) {
      this.#checkAnswer(this.#pingedAtMs)
      return
    }
    const leftMs = this.#heardAtMs + heartbeatIntervalMs - this.#core.environment.nowMs()
    if (leftMs > 0) this.#wait(leftMs)
    else this.#ping()
  }

  #ping(): void {
    this.#pingedAtMs = this.#core.environment.nowMs()
    this.#token += 1
    this.#core.outbox.send({ kind: 'ping', token: this.#token }, 'own')
    this.#rememberQueue()
    this.#wait(this.#core.limits.heartbeatTimeoutMs)
  }

  #rememberQueue(): void {
    this.#queuedBefore = this.#core.outbox.queuedBytes
    this.#takenBefore = this.#core.outbox.bytesTaken
  }

  #checkAnswer(pingedAtMs: number): void {
    const { environment, limits, outbox } = this.#core
    const leftMs = pingedAtMs + limits.heartbeatTimeoutMs - environment.nowMs()
    if (leftMs > 0) {
      this.#wait(leftMs)
      return
    }
    if (this.#queuedBefore > 0 && outbox.bytesTaken > this.#takenBefore) {
      this.#pingedAtMs = environment.nowMs()
      this.#rememberQueue()
      this.#wait(limits.heartbeatTimeoutMs)
      return
    }
    if (!this.#lastLook) {
      this.#lastLook = true
      this.#wait(lastLookMs)
      return
    }
    this.#lost()
  }
}
