import { EventEmitter, getEventListeners, on } from 'node:events'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'

const Reading = z.object({ sensor: z.string(), value: z.number() })
type Reading = z.output<typeof Reading>

const plant = contract('plant', {
  version: 1,
  procedures: {
    alarms: procedure({ items: z.string() }),
    readings: procedure({ items: Reading }),
  },
})

/** What waits for one reader: a bounded number of items, of which the oldest makes room. */
class Mailbox<Item> {
  readonly #itemsMax: number
  readonly #items: Item[] = []
  #wake: (() => void) | undefined

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax
  }

  put(item: Item): void {
    if (this.#items.length === this.#itemsMax) this.#items.shift()
    this.#items.push(item)
    this.#wake?.()
  }

  /** The oldest item, as soon as there is one. Rejects with the signal's reason, and leaves no listener on the signal. */
  async take(signal: AbortSignal): Promise<Item> {
    for (;;) {
      signal.throwIfAborted()
      const item = this.#items.shift()
      if (item !== undefined) return item
      await this.#woken(signal)
    }
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

const source = new EventEmitter<{ alarm: [text: string]; reading: [reading: Reading] }>()
let abortListenersMost = 0

const handlers = implement(plant).handlers({
  // Rare things, all of which matter: `on` queues without a limit, and leaves nothing behind.
  async *alarms({ signal }) {
    for await (const [text] of on(source, 'alarm', { signal })) yield text
  },

  // Many things, of which a slow reader may miss the oldest.
  async *readings({ signal }) {
    const mailbox = new Mailbox<Reading>(100)
    const put = (reading: Reading) => mailbox.put(reading)
    source.on('reading', put) // before the first await: `started()` promises that nothing is missed from here on
    try {
      for (;;) {
        yield await mailbox.take(signal)
        abortListenersMost = Math.max(abortListenersMost, getEventListeners(signal, 'abort').length)
      }
    } finally {
      source.off('reading', put)
    }
  },
})
const server = createServer(handlers)
const listener = await server.listen('tcp://127.0.0.1:0')
const client = createClient(plant, listener.url)

const alarms = client.alarms()
const readings = client.readings()
await Promise.all([alarms.started(), readings.started()])
source.emit('alarm', 'the door is open')
console.log((await alarms.next()).value)

// One after the other: each is waited for.
for (let value = 1; value <= 20; value++) {
  source.emit('reading', { sensor: 'boiler', value })
  await readings.next()
}
// Faster than they are read: the oldest make room.
for (let value = 21; value <= 1_000; value++) source.emit('reading', { sensor: 'boiler', value })
const last: number[] = []
for await (const { value } of readings) {
  last.push(value)
  if (value === 1_000) break
}
console.log(`the last ${last.length}, from ${last[0]} on`)
await alarms.return()

await client.$close()
await server.close()
console.log(
  `${source.listenerCount('alarm') + source.listenerCount('reading')} listeners are left on the source`,
)
console.log(`listeners pile up on the signal: ${abortListenersMost > 2}`)

//> the door is open
//> the last 100, from 901 on
//> 0 listeners are left on the source
//> listeners pile up on the signal: false
