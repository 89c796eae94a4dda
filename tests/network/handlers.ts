import { RpcError } from '@frameport/protocol'
import type { Upload } from '@frameport/server'
import type { Draw } from '../support/draw.ts'
import type { Place } from './caller.ts'
import type { Ending, HandlerEntry } from './model/trace.ts'
import { type Process, pause } from './run.ts'

interface Input {
  readonly call: number
  readonly link: number
  readonly text: string
  /** The next item of a stream that continues. */
  readonly from?: number | undefined
}

interface Item {
  readonly number: number
  readonly text: string
}

/** The arguments of a handler on either side. */
interface Args {
  readonly input: Input
  readonly signal: AbortSignal
  readonly deadlineAtMs: number | undefined
}

type WithUpload = Args & { readonly upload: Upload<Item> }

/**
 * The handlers of one connection, the same for servers and clients. The actions of each are drawn when it begins. It
 * waits on the clock of its process, so that it does nothing after the process has died.
 */
export function handlersOf<Facts>(process: Process, placeOf: (facts: Facts) => Place) {
  const begin = (args: Args & Facts) => new Work(process, args, placeOf(args))
  return {
    put: (args: Args & Facts) => begin(args).answer(),
    get: (args: Args & Facts) => begin(args).answer(),
    list: (args: Args & Facts) => begin(args).list(),
    follow: (args: Args & Facts) => begin(args).list(),
    store: (args: WithUpload & Facts) => begin(args).take(args.upload),
    talk: (args: WithUpload & Facts) => begin(args).talk(args.upload),
    note: (args: Args & Facts) => begin(args).note(),
  }
}

/** The observations and actions of a handler, without the members that identify it. */
type OwnEntry = HandlerEntry extends infer Each
  ? Each extends HandlerEntry
    ? Omit<Each, 'call' | 'served'>
    : never
  : never

/** One running handler. */
class Work {
  readonly #process: Process
  readonly #call: number
  /** The session of the server on which it runs. */
  readonly #served: number | undefined
  readonly #from: number
  readonly #signal: AbortSignal
  readonly #draw: Draw
  /** Whether it continues for a while after its signal was aborted. */
  readonly #isDeaf: boolean
  #hasEnded = false

  constructor(process: Process, { input, signal, deadlineAtMs }: Args, { link, served }: Place) {
    const { run } = process
    this.#process = process
    this.#call = input.call
    this.#served = served
    this.#from = input.from ?? 0
    this.#signal = signal
    this.#draw = run.drawFor('handler', input.call)
    this.#isDeaf = this.#draw.chance(run.plan.chances.deaf)
    const leftMs = (deadlineAtMs ?? Number.POSITIVE_INFINITY) - process.environment.nowMs()
    this.#see({ what: 'begin', link, input: input.text, from: this.#from, leftMs })
    signal.addEventListener('abort', () => {
      if (!this.#hasEnded) this.#see({ what: 'aborted' })
    })
  }

  async answer(): Promise<{ value: number }> {
    try {
      await this.#probe()
      await this.#work()
      return this.#result()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async note(): Promise<void> {
    try {
      await this.#work()
      this.#result()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  list(): AsyncIterable<Item> {
    return this.#leaving(this.#items())
  }

  talk(upload: Upload<Item>): AsyncIterable<Item> {
    return this.#leaving(this.#answers(upload))
  }

  async *#items(): AsyncGenerator<Item, undefined> {
    const count = this.#draw.pick([0, 1, 3, 20])
    try {
      for (let number = this.#from; number < count; number++) {
        await this.#work(0.3)
        yield this.#item(number)
      }
      await this.#work()
      this.#end({ how: 'end' })
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async take(upload: Upload<Item>): Promise<{ value: number }> {
    try {
      await this.#work()
      await this.#read(upload, this.#draw.chance(0.8) ? Number.POSITIVE_INFINITY : this.#draw.int(0, 3))
      await this.#work(0.5)
      return this.#result()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async *#answers(upload: Upload<Item>): AsyncGenerator<Item, undefined> {
    const sizes = [1, 1, 2, 5]
    let number = 0
    try {
      const stopsAt = this.#draw.chance(0.7) ? Number.POSITIVE_INFINITY : this.#draw.int(0, 5)
      while (number < stopsAt && (await this.#read(upload, this.#draw.pick(sizes)))) {
        yield this.#item(number++)
        await this.#work(0.3)
      }
      this.#end({ how: 'end' })
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** @returns whether more may follow */
  async #read(upload: Upload<Item>, itemsMax: number): Promise<boolean> {
    for (let items = 0; items < itemsMax; items++) {
      const next = await upload.next()
      if (next.done === true) {
        this.#see({ what: 'takeEnd' })
        return false
      }
      this.#see({ what: 'take', number: next.value.number })
      if (this.#draw.chance(0.3)) await this.#pause(this.#draw.pick([0, 5, 100]))
    }
    return true
  }

  /** Takes some time, and may fail. A cancelled call continues until its signal is aborted. */
  async #work(chance = 1): Promise<void> {
    const { run } = this.#process
    if (!this.#draw.chance(chance)) return
    const ms = this.#draw.weighted({ '0': 4, '5': 4, '50': 3, '400': 2, '3000': 1, '60000': 0.5 })
    await this.#pause(Number(ms))
    while (run.givenUp.has(this.#call) && !this.#signal.aborted && !run.isEnding) await this.#pause(20)
    if (this.#draw.chance(run.plan.chances.failure * 0.5)) throw new Refused(run.next())
    if (this.#draw.chance(run.plan.chances.failure * 0.1)) throw new Error('a handler that breaks')
  }

  async #pause(ms: number): Promise<void> {
    const { run } = this.#process
    for (let left = ms; left > 0 && !run.isCalm; left -= 100) {
      if (!this.#isDeaf) this.#signal.throwIfAborted()
      await pause(this.#process, Math.min(left, 100))
    }
    if (run.isCalm) await pause(this.#process, Math.min(ms, 20))
    if (!this.#isDeaf) this.#signal.throwIfAborted()
  }

  /** Part of the check that uses all slots of a connection: no handler answers before all have begun. */
  async #probe(): Promise<void> {
    const barrier = this.#process.run.probes.get(this.#call)
    if (barrier === undefined) return
    barrier.arrive()
    await barrier.opened
  }

  #item(number: number): Item {
    this.#see({ what: 'yield', number })
    return { number, text: 'i'.repeat(this.#draw.pick(this.#process.run.plan.itemLetters)) }
  }

  #result(): { value: number } {
    const value = this.#process.run.next()
    this.#end({ how: 'result', value })
    return { value }
  }

  /** @returns the error to throw to the library */
  #failed(error: unknown): unknown {
    if (error instanceof Refused) {
      this.#end({ how: 'failure', code: 'BUSY', value: error.value })
      // The handler has begun: its own error says that the call may have run.
      return new RpcError('BUSY', 'the handler is busy', {
        data: { value: error.value },
        maybeExecuted: true,
      })
    }
    // The reason with which the handler was aborted.
    if (RpcError.is(error)) this.#end({ how: 'failure', code: error.code })
    else this.#end({ how: 'failure', code: 'INTERNAL' })
    return error
  }

  /**
   * A generator that has not begun, or waits forever, never runs its `finally`. So its end is observed from outside.
   */
  #leaving(items: AsyncGenerator<Item, undefined>): AsyncIterable<Item> {
    const iterator = {
      next: () => items.next(),
      return: () => {
        this.#end({ how: 'failure', code: 'LEFT' })
        return items.return(undefined)
      },
    }
    return { [Symbol.asyncIterator]: () => iterator }
  }

  #end(ending: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#see({ what: 'end', ending })
  }

  #see(act: OwnEntry): void {
    const entry = { ...act, call: this.#call, served: this.#served }
    this.#process.run.see(this.#process.host, entry as HandlerEntry)
  }
}

/** The error that the procedure declares, as the handler throws it. */
class Refused extends Error {
  readonly value: number

  constructor(value: number) {
    super('refused')
    this.value = value
  }
}
