import type { SessionShare } from './session-share.ts'
import { nothingUsed, type Turns, type TurnUse, type TurnWaiter } from './turns.ts'

/** What each step counts as: what follows from it goes on in microtasks, which nobody measures. */
const stepsEach = 32

export interface InTurnsOptions {
  readonly turns: Turns
  /** Milliseconds and steps in one turn. */
  readonly limits: { readonly ms: number; readonly stepsMax: number }
  /** What was used of the turns so far. Default: nothing, by somebody new. */
  readonly use?: TurnUse
  readonly share?: Pick<SessionShare, 'key'> | undefined
}

/**
 * Does work of many steps, as many of them in each turn of the event loop as one session may do: the first ones at once,
 * the others in later turns. What was added first is done first.
 */
export class InTurns implements TurnWaiter {
  readonly use: TurnUse
  readonly #turns: Turns
  readonly #limits: InTurnsOptions['limits']
  readonly #share: InTurnsOptions['share']
  /** Made when there is some. */
  #work: Iterator<void>[] | undefined
  #isRunning = false
  #isWaiting = false

  constructor({ turns, limits, use, share }: InTurnsOptions) {
    this.use = use ?? nothingUsed()
    this.#turns = turns
    this.#limits = limits
    this.#share = share
  }

  get share(): string | undefined {
    return this.#share?.key
  }

  /** @param work each `next()` is a step. It must not throw */
  add(work: Iterator<void>): void {
    this.#work ??= []
    this.#work.push(work)
    if (this.#isRunning || this.#isWaiting) return
    if (this.#turns.isUsedUp) this.#wait()
    else this.#run()
  }

  takeTurn(): void {
    this.#isWaiting = false
    this.#run()
  }

  #run(): void {
    this.#isRunning = true
    const all = this.#work ?? []
    for (let work = all[0]; work !== undefined; work = all[0]) {
      if (work.next().done === true) all.shift()
      else if (!this.#turns.count(this.use, stepsEach, this.#limits)) {
        this.#wait()
        break
      }
    }
    this.#isRunning = false
  }

  #wait(): void {
    this.#isWaiting = true
    this.#turns.wait(this)
  }
}
