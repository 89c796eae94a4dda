import type { SessionTimer } from '../common/session-environment.ts'
import { startPeerTimer } from '../common/timers.ts'
import type { SessionCore } from './session-core.ts'

/** Stopped and started by the gate. */
export interface GatedReceiver {
  pause(reason: 'answers'): void
  resume(reason: 'answers'): void
  /** Settles when the queue to the peer has fallen, or is gone. */
  drained(): Promise<void>
}

/**
 * Makes a server stop reading from a client that does not read its answers. Only servers do: two sides that both
 * stop would wait for each other for ever. A client reads on and refuses calls instead (see IncomingCalls).
 */
export class ReceiveGate {
  readonly #core: SessionCore
  readonly #receiver: GatedReceiver
  readonly #stalled: () => void
  #closed = false
  #stopped = false
  #timer: SessionTimer | undefined
  /** The bytes that the peer had taken at the last check, and its time. */
  #takenBefore = 0
  #lookedAtMs = 0

  /** @param stalled called when the gate was closed for `stalledTimeoutMs`, and the peer took nothing in that time */
  constructor(core: SessionCore, receiver: GatedReceiver, stalled: () => void) {
    this.#core = core
    this.#receiver = receiver
    this.#stalled = stalled
  }

  /** Called after each answer that was sent, or waits. */
  check(): void {
    if (this.#closed || this.#stopped || !answersPileUp(this.#core)) return
    this.#closed = true
    this.#receiver.pause('answers')
    this.#watch()
    this.#openWhenDrained()
  }

  /** The time for which the peer has taken nothing while this side does not read; 0 otherwise. */
  get silentMs(): number {
    if (!this.#closed || this.#core.writer.bytesTaken > this.#takenBefore) return 0
    return this.#core.environment.nowMs() - this.#lookedAtMs
  }

  #openWhenDrained(): void {
    void this.#receiver.drained().then(() => this.#open())
  }

  #open(): void {
    if (!this.#closed) return
    if (valuesWait(this.#core)) {
      this.#openWhenDrained()
      return
    }
    this.#closed = false
    this.#timer?.cancel()
    this.#receiver.resume('answers')
  }

  /** The session ends: what still arrives is read and discarded. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    if (this.#closed) this.#receiver.resume('answers')
    this.#closed = false
  }

  #watch(): void {
    const { environment, limits, writer } = this.#core
    this.#takenBefore = writer.bytesTaken
    this.#lookedAtMs = environment.nowMs()
    this.#timer = startPeerTimer(environment, limits.stalledTimeoutMs, () => {
      if (writer.bytesTaken > this.#takenBefore) this.#watch()
      else this.#stalled()
    })
  }
}

/** Whether the peer must read some of its answers first. */
export function answersPileUp(core: SessionCore): boolean {
  const { role, writer, limits } = core
  if (role === 'client') return false
  return writer.hasAnswersOver(limits.answerBytesQueuedMax) || valuesWait(core)
}

/** Whether answers wait as values. Long ones are sent in pieces, so few of their bytes are queued. */
function valuesWait({ answers, writer }: SessionCore): boolean {
  return answers.areWaiting && writer.isUnread
}
