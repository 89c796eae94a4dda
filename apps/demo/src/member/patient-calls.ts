import { RpcError } from '@frameport/protocol'
import type { ChatClock } from '../chat-clock.ts'
import { limits } from '../limits.ts'
import type { CallFailure } from './failures.ts'
import { Outage, type OutageFacts } from './outage.ts'

export type CallResult<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: CallFailure }

/** Failures of a call whose connection was lost, or which arrived before its member was in the room again. */
const ofLosses: readonly string[] = ['UNAVAILABLE', 'NOT_IN_ROOM', 'CANCELLED']

/**
 * The calls of one member. They wait while the member is not in the chat. They are repeated when the connection was
 * lost during the call, or when no answer came in time, because only the repeated call shows whether the first one was
 * executed. A call may arrive twice, so the server has to recognise a repetition.
 */
export class PatientCalls {
  #isReady = true
  #isOver = false
  /** Counts the losses, so that a call can detect a loss during its execution. */
  #losses = 0
  /** The number of calls without an answer, including those that wait. */
  #unanswered = 0
  #isSilent = false
  /** Counts how often the server did not answer. */
  #silences = 0
  readonly #silence: Outage
  readonly #waiting = new Set<() => void>()
  /** The waiters of `unanswered`. */
  readonly #unansweredWaiting = new Set<() => void>()
  /** Functions that abandon the calls in progress. */
  readonly #abandon = new Set<() => void>()

  /**
   * @param silent called when a call has no answer after `noAnswerShownMs`, and then every second; called with
   * undefined when the server has answered or is lost
   */
  constructor(clock: Pick<ChatClock, 'nowMs' | 'after'>, silent: (facts: OutageFacts | undefined) => void) {
    this.#silence = new Outage(clock, limits.noAnswerShownMs, (facts) => {
      if (facts !== undefined && !this.#isSilent) this.#silences += 1
      this.#isSilent = facts !== undefined
      if (this.#isSilent) wakeAll(this.#unansweredWaiting)
      silent(facts)
    })
  }

  get isReady(): boolean {
    return this.#isReady
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether calls can be made, and the server answers them as far as is known. */
  get isAnswered(): boolean {
    return this.#isReady && !this.#isSilent
  }

  /** How often the connection has been lost or the server has been silent. */
  get standstills(): number {
    return this.#losses + this.#silences
  }

  /** The connection, or the place in the chat, is lost. */
  lost(): void {
    this.#losses += 1
    this.#isReady = false
    this.#silence.end()
    wakeAll(this.#unansweredWaiting)
  }

  /** The member is in the chat again. */
  back(): void {
    this.#isReady = true
    if (this.#unanswered > 0) this.#silence.begin()
    wakeAll(this.#waiting)
  }

  /** Stops waiting: waiting calls fail, and so do calls that a silent server does not answer. */
  end(): void {
    this.#isOver = true
    const { isAnswered } = this
    this.#silence.end()
    wakeAll(this.#waiting)
    if (isAnswered) return
    // Stay silent: the server would not answer a goodbye either.
    this.#isSilent = true
    for (const abandon of this.#abandon) abandon()
  }

  /** Settles when the server is lost or known not to answer, at once if this is already true. */
  async unanswered(): Promise<void> {
    if (this.isAnswered) await new Promise<void>((resolve) => this.#unansweredWaiting.add(resolve))
  }

  /** Resolves to true when calls can be made, or to false when they cannot be made any more. */
  async ready(): Promise<boolean> {
    while (!this.#isReady && !this.#isOver) await new Promise<void>((resolve) => this.#waiting.add(resolve))
    return this.#isReady && !(this.#isOver && this.#isSilent)
  }

  async make<Data>(call: () => Promise<CallResult<Data>>): Promise<CallResult<Data>> {
    this.#unanswered += 1
    if (this.#isReady && !this.#isOver) this.#silence.begin()
    try {
      for (;;) {
        if (!(await this.ready())) return unreachable('UNAVAILABLE')
        const losses = this.#losses
        const result = await this.#made(call)
        if (result.ok || this.#isOver) return result
        const { code } = result.error
        const isLost = losses !== this.#losses && ofLosses.includes(code)
        if (!isLost && code !== 'DEADLINE_EXCEEDED') return result
      }
    } finally {
      this.#answered()
    }
  }

  /** The answer, or a failure after the end of waiting. */
  async #made<Data>(call: () => Promise<CallResult<Data>>): Promise<CallResult<Data>> {
    let abandon = () => {}
    const abandoned = new Promise<CallResult<Data>>((resolve) => {
      abandon = () => resolve(unreachable(this.#isReady ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE'))
    })
    this.#abandon.add(abandon)
    try {
      return await Promise.race([call(), abandoned])
    } finally {
      this.#abandon.delete(abandon)
    }
  }

  #answered(): void {
    this.#unanswered -= 1
    if (this.#isOver) return
    this.#silence.end()
    if (this.#isReady && this.#unanswered > 0) this.#silence.begin()
  }
}

function wakeAll(sleepers: Set<() => void>): void {
  const waiting = [...sleepers]
  sleepers.clear()
  for (const wake of waiting) wake()
}

function unreachable(code: 'UNAVAILABLE' | 'DEADLINE_EXCEEDED'): {
  readonly ok: false
  readonly error: CallFailure
} {
  return { ok: false, error: new RpcError(code, 'there was no answer until the end') }
}
