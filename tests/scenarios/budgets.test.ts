import { describe, expect } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

// Few steps in a turn, because in virtual time settle() lasts a hundred turns.
describe('Budgets', () => {
  inEveryWorld(
    (stage, scenario) => {
      scenario('an endless stream to a fast reader does not block the calls of other clients', async () => {
        const { world, server } = stage()
        const [greedy, other] = [await world.connect(server, lab), await world.connect(server, lab)]
        let items = 0
        let stop = false
        const reading = (async () => {
          for await (const _ of greedy.count({ to: Number.MAX_SAFE_INTEGER })) {
            items += 1
            if (stop) break
          }
        })()
        for (let call = 0; call < 20; call++)
          expect(await world.run(other.echo({ text: `${call}` }))).toEqual({ text: `${call}` })
        await world.eventually('the stream went on', () => items > 1_000)
        stop = true
        await world.run(reading)
        await world.eventually('the producer has stopped', () => server.stats().handlersInFlight === 0)
      })

      scenario(
        'the statistics of a server show what it holds, and return to their initial values at the end',
        async () => {
          const { world, server, record } = stage()
          const client = await world.connect(server, lab)
          await world.run(client.$connection.opened())
          const before = server.stats()
          expect(before).toMatchObject({
            connections: 1,
            handlersInFlight: 0,
            topics: 0,
            connectionsWaitingForTurn: 0,
          })
          await world.run(client.join({ room: 'lobby' }))
          const waiting = client.wait({ text: 'x'.repeat(9_000) })
          await world.eventually('the handler runs', () => record.started === 1)
          const [connection] = server.connections
          expect(server.stats()).toMatchObject({ handlersInFlight: 1, topics: 1 })
          expect(connection?.stats()).toMatchObject({ callsInFlight: 1, callsAbandoned: 0, subscriptions: 1 })
          expect(connection?.stats().memory.inputBytes).toBeGreaterThan(9_000)
          for (const release of record.release.values()) release()
          await world.run(waiting)
          expect(connection?.stats().memory.inputBytes).toBe(0)
          await world.run(client.$close())
          await world.eventually('the connection is gone', () => server.connections.size === 0)
          expect(server.stats()).toMatchObject({
            connections: 0,
            handlersInFlight: 0,
            topics: 0,
            memory: { bytes: 0 },
          })
        },
      )
    },
    { limits: { sessionTurnStepsMax: 64 } },
  )
})
