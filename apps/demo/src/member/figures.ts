import type { Client } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import type { chat } from '../chat-contract.ts'
import type { FiguresTable } from '../figures-contract.ts'
import { limits } from '../limits.ts'
import { pause } from '../pause.ts'

export interface FiguresOptions {
  readonly client: Client<typeof chat>
  /** Settles when the member is in its room: with false when it will not be. */
  readonly ready: () => Promise<boolean>
  /** Turns an error into a sentence. */
  readonly sentenceOf: (error: unknown) => string
}

/** The figures of the servers, as a member looks at them. */
export class Figures {
  readonly #options: FiguresOptions

  constructor(options: FiguresOptions) {
    this.#options = options
  }

  /**
   * Shows each table until the signal is aborted. Waits while the connection is lost.
   *
   * @returns a sentence when the server refuses
   */
  async watch(show: (table: FiguresTable) => void, signal: AbortSignal): Promise<string | undefined> {
    const { client, ready, sentenceOf } = this.#options
    while ((await ready()) && !signal.aborted) {
      try {
        for await (const table of client.figures.watch({ signal })) {
          if (signal.aborted) return undefined
          show(table)
        }
      } catch (error) {
        if (signal.aborted) return undefined
        if (!(RpcError.is(error) && passing.includes(error.code))) return sentenceOf(error)
      }
      await pause(limits.figuresBeatMs)
    }
    return undefined
  }

  /**
   * Returns one table, in which every server has its rates if they arrive in time.
   *
   * @returns a sentence if no table arrives
   */
  async once(signal: AbortSignal): Promise<FiguresTable | string> {
    const enough = new AbortController()
    const giveUp = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(limits.callDeadlineMs)])
    let newest: FiguresTable | undefined
    let tables = 0
    const take = (table: FiguresTable) => {
      newest = table
      tables += 1
      const isWhole = table.servers.every(({ rates, silentMs }) => (rates ?? silentMs) !== undefined)
      if (isWhole || tables === tablesMost) enough.abort()
    }
    const fault = await this.watch(take, giveUp)
    return newest ?? fault ?? 'The server has sent no figures. It may be overloaded; try again.'
  }
}

/** A server without rates in this many tables is shown without rates. */
const tablesMost = 3

/** Failures of a connection that was lost, and of a server that ends. */
const passing: readonly string[] = ['UNAVAILABLE', 'CANCELLED', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED']
