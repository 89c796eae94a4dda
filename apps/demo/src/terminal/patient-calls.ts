import { RpcError } from '@frameport/protocol'
import type { CallFailure } from './failures.ts'

export type CallResult<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly error: CallFailure }

/** Failures that a call may have because the connection was lost, or because its member was not in a room again when it came. */
const ofLosses: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'NOT_IN_ROOM', 'CANCELLED']

/**
 * Calls of one member that wait while it is not in the chat, and are made again when it was lost under them. Each of them may arrive twice, so
 * that the server has to know a second one.
 */
export class PatientCalls {
  #isReady = true
  #isOver = false
  /** Counts the losses, so that a call knows of one that it met. */
  #losses = 0
  readonly #waiting = new Set<() => void>()

  get isReady(): boolean {
    return this.#isReady
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The connection, or the place in the chat, is lost. */
  lost(): void {
    this.#losses += 1
    this.#isReady = false
  }

  /** The member is in the chat again. */
  back(): void {
    this.#isReady = true
    this.#wake()
  }

  /** Nothing is waited for any more: calls that wait fail. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  /** Settles when calls can be made: with false when that will not be. */
  async ready(): Promise<boolean> {
    while (!this.#isReady && !this.#isOver) await new Promise<void>((resolve) => this.#waiting.add(resolve))
    return this.#isReady
  }

  async make<Data>(call: () => Promise<CallResult<Data>>): Promise<CallResult<Data>> {
    for (;;) {
      if (!(await this.ready())) return { ok: false, error: new RpcError('UNAVAILABLE', never) }
      const losses = this.#losses
      const result = await call()
      if (result.ok || losses === this.#losses || !ofLosses.includes(result.error.code)) return result
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}

const never = 'there was no connection until the end'
