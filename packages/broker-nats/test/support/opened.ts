import { afterEach } from 'vitest'
import { NatsServer } from '../../../../tests/support/nats-server.ts'
import { connectNats, type NatsBroker, type NatsBrokerOptions } from '../../src/index.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Starts a NATS server that ends with the test. */
export async function natsServer(configuration?: string): Promise<NatsServer> {
  const server = await NatsServer.start(configuration)
  closers.push(() => server.close())
  return server
}

/** Opens a connection that is closed with the test. */
export async function connection(server: NatsServer, options: NatsBrokerOptions = {}): Promise<NatsBroker> {
  const broker = await connectNats({
    servers: server.url,
    reconnectDelayMs: 20,
    // Long, because the machine may be busy.
    requestTimeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    ...options,
  })
  closers.push(() => broker.close())
  return broker
}
