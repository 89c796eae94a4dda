import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import {
  createServer,
  implement,
  type Server,
  type ServerCallMessage,
  serverChannels,
} from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { z } from 'zod'

/** Prints slow calls and calls that have failed as they end, and figures of the server each second. */
function exportFigures(server: Server, { slowMs }: { readonly slowMs: number }) {
  const callEnded = (message: unknown) => {
    const { procedure: name, outcome, durationMs = 0, error, connection } = message as ServerCallMessage
    if (outcome === 'failed') console.log(`${name} of ${connection.id} failed: ${error?.code}`)
    if (durationMs >= slowMs) console.log(`${name} of ${connection.id} took ${durationMs} ms`)
  }
  const channel = `tracing:${serverChannels.call}:asyncEnd`
  subscribe(channel, callEnded)
  let before = server.stats()
  return {
    everySecond() {
      const now = server.stats()
      const begun = now.totals.callsBegun - before.totals.callsBegun
      const failed = now.totals.callsFailed - before.totals.callsFailed
      console.log(
        `${begun} calls/s, ${failed} failed, ${now.connections} connections, ${now.queuedBytes} bytes queued`,
      )
      before = now
    },
    stop: () => unsubscribe(channel, callEnded),
  }
}

const shop = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({ input: z.string(), output: z.number(), errors: { SOLD_OUT: z.undefined() } }),
    report: procedure({}),
  },
})

// Time of its own, so that the program prints the same each time. A server of yours has `setInterval(() => figures.everySecond(), 1_000)`.
const clock = createVirtualClock()
const server = createServer(
  implement(shop).handlers({
    price({ input, errors }) {
      if (input === 'gold') throw errors.SOLD_OUT()
      return 5
    },
    report: () => new Promise<void>((resolve) => clock.setTimer(300, resolve)),
  }),
  { environment: clock, log: false },
)
const figures = exportFigures(server, { slowMs: 250 })
const pair = createMemoryPair({ clock })
const client = createClient(shop, pair.a, { environment: clock })
server.accept(pair.b)

for (let call = 0; call < 100; call++) await clock.until(client.price('tea'))
await clock.until(client.price('gold').catch(() => undefined))
figures.everySecond()
await clock.until(client.report())
figures.everySecond()

await clock.until(client.$close())
figures.stop()
await clock.until(server.close())

//> shop/price of c1 failed: SOLD_OUT
//> 101 calls/s, 1 failed, 1 connections, 0 bytes queued
//> shop/report of c1 took 300 ms
//> 1 calls/s, 0 failed, 1 connections, 0 bytes queued
