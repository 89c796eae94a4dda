import { createVirtualClock } from '@frameport/testing'
import type { SessionEnvironment } from '../../src/session/index.ts'

/** An environment whose clock advances with work, and whose turns of the event loop run when a test says so. */
export class Loop implements SessionEnvironment {
  readonly time = createVirtualClock()
  workedMs = 0
  #turns: (() => void)[] = []
  #reads: (() => void)[] = []

  nowMs = () => this.time.nowMs() + this.workedMs
  random = () => this.time.random()
  setTimer = (delayMs: number, callback: () => void) => this.time.setTimer(delayMs, callback)
  nextTurn = (callback: () => void) => void this.#turns.push(callback)

  get turnsAsked(): number {
    return this.#turns.length
  }

  async turn(): Promise<void> {
    const turns = this.#turns
    this.#turns = []
    for (const callback of turns) callback()
    await this.time.settle()
    const reads = this.#reads
    this.#reads = []
    for (const read of reads) read()
    await this.time.settle()
  }

  /** Makes the stream read as a socket does: a resume takes effect after the callbacks of the turn have run. */
  readsLate(stream: { pause(): void; resume(): void }): void {
    const [pause, resume] = [stream.pause.bind(stream), stream.resume.bind(stream)]
    let reads = true
    stream.pause = () => {
      reads = false
      pause()
    }
    stream.resume = () => {
      reads = true
      this.#reads.push(() => {
        if (reads) resume()
      })
    }
  }
}
