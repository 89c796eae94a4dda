import { describe, expect } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

const byServer = { code: 'CLOSED', closedBy: 'peer', message: 'the server closed the connection' }
const byItself = { code: 'CLOSED', closedBy: 'local', message: 'this server closed the connection' }

describe('The reason of an orderly end says who closed', () => {
  inEveryWorld((stage, scenario) => {
    scenario('if the server closes', async () => {
      const { world, server, gone } = stage()
      const client = await world.connect(server, lab)
      await world.run(client.$connection.opened())
      await world.run(server.close())
      expect(await world.run(client.$connection.closed())).toEqual(byServer)
      expect(gone).toEqual([byItself])
    })

    scenario('if the server closes one connection', async () => {
      const { world, server, gone } = stage()
      const client = await world.connect(server, lab)
      await world.run(client.$connection.opened())
      const [connection] = server.connections
      await world.run(connection!.close())
      expect(await world.run(client.$connection.closed())).toEqual(byServer)
      expect([await connection!.closed(), gone]).toEqual([byItself, [byItself]])
    })

    scenario('if the client closes', async () => {
      const { world, server, gone } = stage()
      const client = await world.connect(server, lab)
      await world.run(client.$connection.opened())
      await world.run(client.$close())
      const message = 'this client was closed by $close()'
      expect(await world.run(client.$connection.closed())).toEqual({
        code: 'CLOSED',
        closedBy: 'local',
        message,
      })
      await world.eventually('the server knows', () => gone.length === 1)
      expect(gone).toEqual([
        { code: 'CLOSED', closedBy: 'peer', message: 'the client closed the connection' },
      ])
    })
  })
})
