import { RpcError } from '@frameport/protocol'
import type { Draw } from '../support/draw.ts'
import type { Calls, ProcedureName } from './contract.ts'
import type { Act, CallKind, Outcome } from './model/trace.ts'
import { type Process, pause } from './run.ts'

const kinds: Readonly<Record<ProcedureName, CallKind>> = {
  put: 'unary',
  get: 'unary',
  list: 'server-stream',
  follow: 'server-stream',
  store: 'client-stream',
  talk: 'both-ways',
  note: 'one-way',
}

interface Item {
  readonly number: number
  readonly text: string
}

/** Where a call is made: on a link, or by a server on one of its sessions. */
export interface Place {
  readonly link: number
  readonly served?: number | undefined
}

/** Makes one call of a random procedure, with everything that its caller does. */
export function makeCall(process: Process, calls: Calls, place: Place): void {
  const { run } = process
  run.guard(new Call(process, place, run.draw.weighted(run.plan.procedures)).make(calls))
}

/**
 * Makes one unary call of a procedure that only takes an input.
 *
 * @returns whether it succeeded
 */
export function makeUnaryCall(process: Process, calls: UnaryCalls, place: Place): Promise<boolean> {
  return new Call(process, place, 'put', false).makeUnary(calls)
}

/** A procedure for {@link makeUnaryCall}, and a function that receives the number of the call in advance. */
export interface UnaryCalls {
  readonly function: Calls['put']
  readonly before?: ((call: number) => void) | undefined
}

class Call {
  readonly #process: Process
  readonly #call: number
  readonly #draw: Draw
  readonly #procedure: ProcedureName
  readonly #input: { readonly call: number; readonly link: number; readonly text: string }
  readonly #options: { readonly deadlineMs: number; readonly signal?: AbortSignal }
  readonly #controller = new AbortController()
  #hasSettled = false

  /** @param mayFail it may have a deadline, and its caller may cancel it */
  constructor(process: Process, { link, served }: Place, procedure: ProcedureName, mayFail = true) {
    const { run, host } = process
    const call = run.next()
    const draw = run.drawFor('caller', call)
    const { chances } = run.plan
    const deadlineMs =
      mayFail && draw.chance(chances.deadline)
        ? draw.pick([1, 30, 200, 1_000, 5_000])
        : Number.POSITIVE_INFINITY
    this.#process = process
    this.#call = call
    this.#draw = draw
    this.#procedure = procedure
    this.#input = { call, link, text: 't'.repeat(draw.pick([0, 10, 300, 3_000])) }
    const isCancelled = mayFail && draw.chance(chances.cancel)
    this.#options = { deadlineMs, ...(isCancelled ? { signal: this.#controller.signal } : {}) }
    if (isCancelled) this.#cancelLater()
    const [kind, isIdempotent] = [kinds[procedure], procedure === 'get']
    const facts = { kind, isIdempotent, resumes: procedure === 'follow', input: this.#input.text }
    run.see(host, { what: 'call', call, link, served, deadlineMs, ...facts })
  }

  make(calls: Calls): Promise<void> {
    return this.#settling(() => this.#outcome(calls))
  }

  async makeUnary({ function: call, before }: UnaryCalls): Promise<boolean> {
    before?.(this.#call)
    let succeeded = false
    await this.#settling(async () => {
      const outcome = resultOf(await call(this.#input, this.#options))
      succeeded = true
      return outcome
    })
    return succeeded
  }

  async #settling(outcome: () => Promise<Outcome>): Promise<void> {
    try {
      this.#settled(await outcome())
    } catch (error) {
      if (!RpcError.is(error)) throw error
      const { code, maybeExecuted, data } = error
      const value = (data as { readonly value: number } | undefined)?.value
      this.#settled({ how: 'failure', code, maybeExecuted, ...(value === undefined ? {} : { value }) })
    }
  }

  async #outcome(calls: Calls): Promise<Outcome> {
    const [input, options] = [this.#input, this.#options]
    switch (this.#procedure) {
      case 'put':
      case 'get':
        return resultOf(await calls[this.#procedure](input, options))
      case 'store':
        return resultOf(await calls.store(input, this.#source(), options))
      case 'note':
        await calls.note(input, options)
        return { how: 'sent' }
      case 'list':
        return await this.#read(calls.list(input, options))
      case 'follow':
        return await this.#read(calls.follow({ ...input, from: 0 }, options))
      case 'talk':
        return await this.#read(calls.talk(input, this.#source(), options))
    }
  }

  /** Cancels soon, or when the connection is lost. In that case the peer learns of it over the next connection. */
  #cancelLater(): void {
    const { run, whenLost } = this.#process
    const isSoon = this.#draw.chance(0.5)
    const cancel = () => run.guard(this.#cancel(isSoon ? [0, 1, 20, 100, 1_000] : [0, 20]))
    if (isSoon || whenLost === undefined) cancel()
    else whenLost.add(cancel)
  }

  async #cancel(afterMs: readonly number[]): Promise<void> {
    await pause(this.#process, this.#draw.pick(afterMs))
    if (this.#hasSettled) return
    this.#see({ what: 'cancel', call: this.#call })
    this.#controller.abort()
  }

  async #read(items: AsyncIterableIterator<Item, undefined>): Promise<Outcome> {
    const isSlow = this.#draw.chance(this.#process.run.plan.chances.slow)
    const leavesAt = this.#draw.chance(0.15) ? this.#draw.int(0, 3) : Number.POSITIVE_INFINITY
    for (let read = 0; read < leavesAt; read++) {
      this.#see({ what: 'ask', call: this.#call })
      const next = await items.next()
      if (next.done === true) return { how: 'end' }
      this.#see({ what: 'item', call: this.#call, number: next.value.number })
      if (isSlow) await pause(this.#process, this.#draw.pick([0, 30, 500, 3_000]))
    }
    // The result is not awaited.
    void items.return?.()
    return { how: 'left' }
  }

  /** The items of an upload. */
  async *#source(): AsyncGenerator<Item, undefined> {
    const count = this.#draw.pick([0, 1, 4, 20])
    const fails = this.#draw.chance(this.#process.run.plan.chances.failure * 0.3)
    try {
      for (let number = 0; number < count; number++) {
        if (this.#draw.chance(0.3)) await pause(this.#process, this.#draw.pick([0, 5, 100]))
        this.#see({ what: 'give', call: this.#call, number })
        yield { number, text: 'u'.repeat(this.#draw.pick(this.#process.run.plan.itemLetters)) }
      }
      if (fails) {
        this.#see({ what: 'sourceFails', call: this.#call })
        throw new Error('a source that breaks')
      }
      this.#see({ what: 'giveEnd', call: this.#call })
    } finally {
      this.#see({ what: 'sourceLeft', call: this.#call })
    }
  }

  #settled(outcome: Outcome): void {
    this.#hasSettled = true
    this.#process.run.settled(this.#process.host, this.#call, outcome)
  }

  #see(act: Act): void {
    this.#process.run.see(this.#process.host, act)
  }
}

function resultOf({ value }: { readonly value: number }): Outcome {
  return { how: 'result', value }
}
