import { describe, expect } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

const clientsCount = 500

describe('A crowd', () => {
  inEveryWorld((stage, scenario) => {
    scenario(
      `of ${clientsCount} clients can call, listen and leave, and no resources remain`,
      async () => {
        const { world, server } = stage()
        const clients = await Promise.all(
          Array.from({ length: clientsCount }, () => world.connect(server, lab)),
        )
        let heard = 0
        for (const client of clients) client.$on('line', { room: 'lobby' }, () => void heard++)
        const joined = clients.map(async (client, index) => {
          await client.join({ room: 'lobby' })
          return client.tools.deep.add({ a: index, b: 1 })
        })
        expect(await world.run(Promise.all(joined))).toEqual(clients.map((_, index) => index + 1))
        expect(server.connections.size).toBe(clientsCount)
        expect(server.publish(lab.events.line, { room: 'lobby' }, { text: 'to all' }).reached).toBe(
          clientsCount,
        )
        await world.eventually('all heard it', () => heard === clientsCount)
      },
      { timeoutMs: 60_000 },
    )
  })
})
