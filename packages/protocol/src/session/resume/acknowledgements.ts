import type { SessionEnvironment, SessionTimer } from '../common/session-environment.ts'

/** An acknowledgement is sent at the latest when this part of the peer's `resumeBytes` was handled. */
const toldPart = 1 / 8

export interface AcknowledgementsOptions {
  readonly environment: SessionEnvironment
  /** The bytes that the peer keeps for this side. */
  readonly peerResumeBytes: number
  /** The longest time without an acknowledgement. */
  readonly resumeAckMs: number
  /** Called when an acknowledgement must be sent. The envelope that carries it calls {@link Acknowledgements.told}. */
  tell(): void
}

/** Counts the handled envelopes of the peer, and makes sure that they are acknowledged. */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions
  readonly #bytesMax: number
  #received = 0
  #bytesUntold = 0
  #isUntold = false
  #timer: SessionTimer | undefined

  constructor(options: AcknowledgementsOptions) {
    this.#options = options
    this.#bytesMax = Math.max(1, Math.floor(options.peerResumeBytes * toldPart))
  }

  /** The number of handled envelopes. */
  get received(): number {
    return this.#received
  }

  /** Call before an envelope is handled. */
  handling(payloadBytes: number): void {
    this.#received += 1
    this.#bytesUntold += payloadBytes
    this.#isUntold = true
  }

  /** Call when an envelope was handled. */
  handled(): void {
    if (this.#bytesUntold >= this.#bytesMax) this.#options.tell()
    else if (this.#timer === undefined) this.#wait()
  }

  /** All handled envelopes are being acknowledged. @returns their number */
  told(): number {
    this.#bytesUntold = 0
    this.#isUntold = false
    return this.#received
  }

  /** There is no connection on which to acknowledge. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Uses one timer after the other while envelopes arrive, and not one for each. */
  #wait(): void {
    const { environment, resumeAckMs, tell } = this.#options
    this.#timer = environment.setTimer(resumeAckMs, () => {
      this.#timer = undefined
      if (this.#isUntold) tell()
    })
  }
}
