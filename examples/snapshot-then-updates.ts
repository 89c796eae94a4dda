import { type Client, createClient } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Share = z.object({ name: z.string() })
/** `revision` counts the changes of this share. */
const Quote = z.object({ price: z.number(), revision: z.number().int() })
type Quote = z.output<typeof Quote>

const market = contract('market', {
  version: 1,
  procedures: { quote: procedure({ input: Share, output: Quote }) },
  events: { changed: event(Quote, { topic: Share, subscribe: 'clients' }) },
})

/** Shows a state and then every change of it, each once and in order, and begins again after a gap. */
class QuoteFollower {
  readonly #client: Client<typeof market>
  readonly #name: string
  readonly #show: (quote: Quote) => void
  /** Undefined until there is a snapshot: until then, changes wait. */
  #revision: number | undefined
  #early: Quote[] = []
  /** The newest call for a snapshot: the answer of an older one is dropped. */
  #asking = 0

  constructor(client: Client<typeof market>, name: string, show: (quote: Quote) => void) {
    this.#client = client
    this.#name = name
    this.#show = show
  }

  /** @returns what ends it */
  async begin(): Promise<() => void> {
    // First the subscription, then the snapshot: what changes between the two is in both, and what is in both is dropped.
    const stop = this.#client.$on('changed', { name: this.#name }, (quote) => this.#changed(quote))
    await stop.subscribed
    await this.refresh()
    return stop
  }

  /** For `onEventGap`, too: what was left out is in the next snapshot. */
  async refresh(): Promise<void> {
    this.#asking += 1
    const asking = this.#asking
    this.#revision = undefined
    const snapshot = await this.#client.quote({ name: this.#name })
    if (asking !== this.#asking) return
    this.#revision = snapshot.revision
    this.#show(snapshot)
    for (const quote of this.#early.splice(0)) this.#changed(quote)
  }

  #changed(quote: Quote): void {
    if (this.#revision === undefined) this.#early.push(quote)
    else if (quote.revision > this.#revision) {
      this.#revision = quote.revision
      this.#show(quote)
    }
  }
}

// The server: number and state change together, in one turn, and then the change is published.
let quote: Quote = { price: 100, revision: 1 }
function change(price: number): void {
  quote = { price, revision: quote.revision + 1 }
  server.publish(market.events.changed, { name: 'ACME' }, quote)
}
const handlers = implement(market).handlers({
  quote() {
    change(101) // in the snapshot, and published: shown once
    const snapshot = quote
    change(102) // not in the snapshot; it may arrive before it
    return snapshot
  },
})
const server = createServer(handlers, { authorizeSubscribe: () => true })
const listener = await server.listen('tcp://127.0.0.1:0')

const client = createClient(market, listener.url, {
  // Also told when a new session has taken the place of one that was lost. Without a snapshot there is nothing to show.
  onEventGap: () => void follower.refresh().catch(() => client.$close()),
})
const follower = new QuoteFollower(client, 'ACME', ({ price, revision }) =>
  console.log(`${price} at revision ${revision}`),
)
const heard = new Promise<void>((resolve) => {
  client.$on('changed', { name: 'ACME' }, ({ price }) => price === 103 && resolve())
})
const stop = await follower.begin()
change(103)
await heard
stop()

await client.$close()
await server.close()

//> 101 at revision 2
//> 102 at revision 3
//> 103 at revision 4
