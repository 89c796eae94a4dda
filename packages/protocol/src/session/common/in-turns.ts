import type { SessionShare } from './session-share.ts'
import { nothingUsed, type Turns, type TurnUse, type TurnWaiter } from './turns.ts'

/** The steps that each step counts as: its consequences run in microtasks, which are not measured. */
const stepsEach = 32

/** Options of {@link InTurns}. */
export interface InTurnsOptions {
  /** The turns of the event loop that it shares with the sessions of a host. */
  readonly turns: Turns
  /** Milliseconds and steps in one turn. */
  readonly limits: { readonly ms: number; readonly stepsMax: number }
  /** The use of turns so far. Default: nothing. */
  readonly use?: TurnUse
  /** The share with which its time is added up. Default: none. */
  readonly share?: Pick<SessionShare, 'key'> | undefined
}

/**
 * Performs work of many steps in turns of the event loop, with as many steps in each turn as one session may do. The
 * first steps run at once, and work is done in the order in which it was added.
 */
export class InTurns implements TurnWaiter {
  /** Its use of the turns. */
  readonly use: TurnUse
  readonly #turns: Turns
  readonly #limits: InTurnsOptions['limits']
  readonly #share: InTurnsOptions['share']
  /** Created when there is work. */
  #work: Iterator<void>[] | undefined
  #isRunning = false
  #isWaiting = false

  constructor({ turns, limits, use, share }: InTurnsOptions) {
    this.use = use ?? nothingUsed()
    this.#turns = turns
    this.#limits = limits
    this.#share = share
  }

  /** The name of the share with which its time is added up; undefined without one. */
  get share(): string | undefined {
    return this.#share?.key
  }

  /**
   * Adds work.
   *
   * @param work each `next()` is one step. It must not throw
   */
  add(work: Iterator<void>): void {
    this.#work ??= []
    this.#work.push(work)
    if (this.#isRunning || this.#isWaiting) return
    if (this.#turns.isUsedUp) this.#wait()
    else this.#run()
  }

  /** Called by the turns when it may continue. */
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
