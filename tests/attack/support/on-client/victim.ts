import { type Client, type CreateClientOptions, createClient } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { usedTarget } from '../contract.ts'
import { pause } from '../pour.ts'
import type { TheEnd } from '../term.ts'

/** The work of a client on each connection. Every call, stream and upload is replaced when it has settled. */
export interface VictimWork {
  /** The number of simultaneous calls. */
  readonly calls?: number
  readonly procedure?: 'mirror' | 'echo' | 'rows'
  /** The length of the input of each call. */
  readonly inputBytes?: number
  /** The deadline of each call; without it, calls wait as long as the connection is open. Default 1,000. */
  readonly deadlineMs?: number | 'none'
  /** The number of simultaneous streams. */
  readonly streams?: number
  /** The number of simultaneous uploads, with endless chunks. */
  readonly uploads?: number
  /** The pause of a reader between two items. */
  readonly pauseMs?: number
  /** The event to which it listens, in the room `lobby`. */
  readonly listensTo?: 'line' | 'looked'
}

/** The results of the work of clients. */
export interface Tally {
  connections: number
  /** The number of calls and streams that were started, and that have settled. */
  begun: number
  settled: number
  /** The number of items, events, gaps and missed events. */
  received: number
  /** The number of results that are neither success nor an RpcError, and of uncaught errors. */
  strange: number
}

/** The delay before it connects again, like a normal program. */
const reconnectMs = 20
/** The delay of a caller after a failure. */
const retryMs = 10

/** A program that uses one server, connects again when it is disconnected, and tolerates failures. */
export class Victim {
  readonly #url: string
  readonly #work: VictimWork
  readonly #options: CreateClientOptions
  readonly #tally: Tally
  readonly #end: TheEnd

  constructor(port: number, work: VictimWork, options: CreateClientOptions, tally: Tally, end: TheEnd) {
    this.#url = `tcp://127.0.0.1:${port}`
    this.#work = work
    this.#tally = tally
    this.#end = end
    const received = () => void tally.received++
    this.#options = {
      ...options,
      onInvalidEvent: received,
      onEventGap: received,
      onSilentListener: () => undefined,
      onUncaught: () => void tally.strange++,
    }
  }

  /** Settles after the end of the attack, when everything that was started has settled. */
  async live(): Promise<void> {
    while (!this.#end.isOver()) {
      await this.#connection()
      await Promise.race([this.#end.over, pause(reconnectMs)])
    }
  }

  async #connection(): Promise<void> {
    const { calls = 0, streams = 0, uploads = 0, listensTo } = this.#work
    const client = createClient(usedTarget, this.#url, this.#options)
    this.#tally.connections += 1
    if (listensTo !== undefined) client.$on(listensTo, { room: 'lobby' }, () => void this.#tally.received++)
    const closed = client.$connection.closed()
    const done = Promise.all([
      ...Array.from({ length: calls }, () => this.#repeat(client, () => this.#call(client))),
      ...Array.from({ length: streams }, () => this.#repeat(client, () => this.#stream(client))),
      ...Array.from({ length: uploads }, () => this.#repeat(client, () => this.#upload(client))),
    ])
    await Promise.race([closed, this.#end.over])
    await client.$close({ graceMs: 0 })
    await done
  }

  async #repeat(client: Client<typeof usedTarget>, once: () => Promise<void>): Promise<void> {
    while (!this.#end.isOver() && client.$connection.state !== 'closed') {
      this.#tally.begun += 1
      try {
        await once()
      } catch (error) {
        if (!RpcError.is(error)) this.#tally.strange += 1
        await Promise.race([client.$connection.closed(), pause(retryMs)])
      } finally {
        this.#tally.settled += 1
      }
    }
  }

  async #call(client: Client<typeof usedTarget>): Promise<void> {
    const { procedure = 'mirror', inputBytes = 10, deadlineMs = 1_000 } = this.#work
    const options = deadlineMs === 'none' ? {} : { deadlineMs }
    const text = 'x'.repeat(inputBytes)
    if (procedure === 'rows') await client.rows(options)
    else await client[procedure]({ text }, options)
  }

  async #upload(client: Client<typeof usedTarget>): Promise<void> {
    const isOver = () => this.#end.isOver()
    await client.swallow(
      (function* () {
        for (const chunk = new Uint8Array(100); !isOver(); ) yield chunk
      })(),
      { deadlineMs: 1_000 },
    )
  }

  async #stream(client: Client<typeof usedTarget>): Promise<void> {
    const { pauseMs = 20 } = this.#work
    const items = client.feed({ count: 0, bytes: 0, seconds: 0 })
    // Items are not kept, because the test measures what the client holds for its reader.
    while (!(await items.next()).done) {
      this.#tally.received += 1
      if (pauseMs > 0) await pause(pauseMs)
      if (this.#end.isOver()) break
    }
    await items.return()
  }
}
