import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Connection } from '../../src/index.ts'
import { digestOf, pattern } from './bytes.ts'
import type { Pair } from './pair.ts'
import type { Random } from './random.ts'
import { Recorder } from './recorder.ts'

const stepsPerSide = 24
const largeSendBytes = 200_000

/** One end of a connection that takes steps at random, and the model of what its peer must see of it. */
class Side {
  readonly connection: Connection
  readonly recorder: Recorder
  readonly #random: Random
  readonly #sent: Uint8Array[] = []
  /** Names of the steps taken, for the report of a failure. */
  readonly steps: string[] = []
  #started = false
  aborted = false

  constructor(connection: Connection, random: Random) {
    this.connection = connection
    this.#random = random
    // A pause from inside a callback holds back what the same batch still has.
    this.recorder = new Recorder({ data: () => random(8) === 0 && connection.pause() }, false)
  }

  get sentBytes(): number {
    return this.#sent.reduce((sum, bytes) => sum + bytes.length, 0)
  }

  get sentDigest(): string {
    return digestOf(...this.#sent)
  }

  /** @param mayAbort whether one of the steps may be an abort, behind which nothing is promised to the peer. */
  async run(mayAbort: boolean): Promise<void> {
    for (let step = 0; step < stepsPerSide && !this.aborted; step++) {
      this.#step(mayAbort)
      for (let turns = this.#random(4); turns > 0; turns--) await turn()
    }
    this.#start()
    this.connection.end()
    this.connection.resume()
    // A pause from inside a callback has nobody else to end it.
    while (!this.recorder.closed) {
      this.connection.resume()
      await turn()
    }
  }

  #step(mayAbort: boolean): void {
    const step = this.#random(mayAbort ? 10 : 9)
    if (step < 2) this.#call('pause', () => this.connection.pause())
    else if (step === 2) this.#call('resume', () => this.connection.resume())
    else if (step === 3) this.#call('start', () => this.#start())
    else if (step === 4) this.#call('end', () => this.connection.end())
    else if (step === 5) this.#send(this.#random(largeSendBytes))
    else if (step < 9) this.#send(1 + this.#random(9))
    else {
      this.aborted = true
      this.#call('abort', () => this.connection.abort())
    }
  }

  #call(name: string, call: () => void): void {
    this.steps.push(name)
    call()
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    this.connection.start(this.recorder)
  }

  #send(length: number): void {
    const bytes = pattern(length, length)
    if (this.connection.send(bytes) === 'closed') return
    this.steps.push(`send ${length}`)
    this.#sent.push(bytes)
  }
}

/**
 * Both ends of one connection take random steps: pauses, resumes, sends, an end, in each order. When neither aborts,
 * each sees all bytes of the other, then its end, then the close without an error, whatever was paused when.
 */
export async function runSchedule(
  { client, server }: Pick<Pair, 'client' | 'server'>,
  random: Random,
  mayAbort: boolean,
): Promise<void> {
  const sides = [new Side(client, random), new Side(server, random)] as const
  await Promise.all(sides.map((side) => side.run(mayAbort)))
  for (const [index, side] of sides.entries()) {
    const peer = sides[1 - index]!
    const { recorder } = side
    const report = () =>
      `${index === 0 ? 'client' : 'server'}: ${recorder.summary()}; its steps: ${side.steps.join(', ')}; ` +
      `its peer's: ${peer.steps.join(', ')}`
    assert.equal(recorder.broken, undefined, report())
    if (side.aborted || peer.aborted) {
      assert.ok(recorder.bytes <= peer.sentBytes, report())
      continue
    }
    assert.equal(recorder.ended, true, report())
    assert.equal(recorder.closeError, undefined, report())
    assert.equal(recorder.bytes, peer.sentBytes, report())
    assert.equal(recorder.digest(), peer.sentDigest, report())
  }
}
