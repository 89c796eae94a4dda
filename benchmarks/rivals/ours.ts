import { createClient } from '@frameport/client'
import { bytes, contract, event, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { z } from 'zod'
import { areHeartbeatsOff } from '../support/heartbeats-option.ts'
import { Reading, readingOf } from '../support/message.ts'
import { resumeOption } from '../support/resume-option.ts'
import { certificate } from '../support/rival/certificate.ts'
import { type Connection, type Contestant, host } from '../support/rival/contestant.ts'

/**
 * Ours as packages/server/README.md and packages/client/README.md show it, with every default but two: everybody may
 * subscribe, and one address may have all connections, because every client of the comparison comes from it. FRAMEPORT_BACKEND chooses
 * the back end, FRAMEPORT_ADDON names the addon, which the packed packages do not hold (README.md, "Use it from another
 * project"), FRAMEPORT_RESUME=off ends each session with its connection, for the profiles of ADR 63, and
 * FRAMEPORT_BENCH_TLS=on has all of it over TLS (docs/tls.md).
 */
const isTls = process.env.FRAMEPORT_BENCH_TLS === 'on'

export const house = contract('house', {
  version: 1,
  procedures: {
    set: procedure({ input: Reading, output: Reading }),
    readings: procedure({ input: z.object({ items: z.number().int() }), items: Reading }),
    put: procedure({ upload: bytes(), output: z.object({ bytes: z.number().int() }) }),
    announce: procedure({ input: Reading }),
  },
  events: { told: event(Reading, { subscribe: 'clients' }) },
})

/** @param tell publishes a message */
export const handlersOf = (tell: (message: Reading) => unknown) =>
  implement(house).handlers({
    set: ({ input }) => input,
    async *readings({ input }) {
      for (let number = 0; number < input.items; number++) yield readingOf(number)
    },
    async put({ upload }) {
      let count = 0
      for await (const chunk of upload) count += chunk.length
      return { bytes: count }
    },
    announce({ input }) {
      tell(input)
    },
  })

export const houseOptions = {
  ...resumeOption,
  authorizeSubscribe: () => true,
  limits: { connectionsPerShareMax: 10_000, ...(areHeartbeatsOff ? { heartbeatIntervalMs: 0 } : {}) },
} as const

export const contestant: Contestant = {
  async serve() {
    const handlers = handlersOf((message) => server.publish(house.events.told, message))
    const server = createServer(handlers, houseOptions)
    const listener = isTls
      ? await server.listen(`tls://${host}:0`, certificate())
      : await server.listen(`tcp://${host}:0`)
    return { port: Number(new URL(listener.url).port), backend: listener.backend }
  },

  async connect(port): Promise<Connection> {
    const client = isTls
      ? createClient(house, `tls://${host}:${port}`, { ...resumeOption, ca: certificate().cert })
      : createClient(house, `tcp://${host}:${port}`, resumeOption)
    await client.$connection.opened()
    return {
      call: (message) => client.set(message),
      async stream(items, onItem) {
        for await (const item of client.readings({ items })) onItem(item)
      },
      upload: async (chunks) => (await client.put(chunks)).bytes,
      subscribe: (onEvent) => client.$on('told', onEvent).subscribed,
      announce: (message) => client.announce(message),
    }
  },
}
