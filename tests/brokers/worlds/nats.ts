import { connectNats } from '@frameport/broker-nats'
import { NatsServer, natsServerMissing } from '../../support/nats-server.ts'
import type { BrokerWorld } from '../broker-world.ts'

/** Servers on several machines with a NATS server and JetStream. Each has its own connection. */
export const natsWorld: BrokerWorld = {
  name: 'nats',
  absent: process.env.FRAMEPORT_REQUIRE_NATS === undefined ? natsServerMissing : undefined,
  async open() {
    const server = await NatsServer.start()
    const connections: { close(): Promise<void> }[] = []
    const connection = async () => {
      const opened = await connectNats({
        servers: server.url,
        reconnectDelayMs: 50,
        requestTimeoutMs: 20_000,
      })
      connections.push(opened)
      return opened
    }
    return {
      bus: async () => (await connection()).bus,
      log: async () => (await connection()).log(),
      outage: { begin: () => server.kill(), end: () => server.start() },
      async close() {
        await Promise.all(connections.map((opened) => opened.close()))
        await server.close()
      },
    }
  },
}
