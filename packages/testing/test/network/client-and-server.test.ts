import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { assertQuiet, createSimNetwork, type SimHost, type SimNetworkOptions } from '../../src/index.ts'
import { failureOf } from './support.ts'

const echo = contract('echo', {
  version: 1,
  procedures: { say: procedure({ input: z.string(), output: z.string() }), wait: procedure({}) },
})

function serve(host: SimHost) {
  const handlers = implement(echo).handlers({
    say: ({ input }) => `${input}!`,
    wait: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  const server = createServer(handlers, { environment: host.environment, log: false })
  return { server, listening: server.listen(host.acceptor(5500)) }
}

function connect(host: SimHost) {
  return createClient(echo, host.connector('server:5500'), {
    environment: host.environment,
    reconnect: false,
  })
}

async function started(options: SimNetworkOptions) {
  const network = createSimNetwork(options)
  const [client, server] = [network.host('client'), network.host('server', { clockRate: 1.01 })]
  const served = serve(server)
  await served.listening
  return { network, clock: network.clock, clientHost: client, serverHost: server, ...served }
}

describe('a client and a server on a simulated network', () => {
  it('call, close, and leave nothing open', async () => {
    const { network, clock, clientHost, server } = await started({ seed: 3 })
    const client = connect(clientHost)
    expect(await clock.until(client.say('hello'))).toBe('hello!')
    await clock.until(client.$close())
    await clock.until(server.close())
    await clock.advance(100)
    assertQuiet(clock, network)
  })

  it('make a call fail if its connection is cut or its process is killed', async () => {
    const { network, clock, clientHost, serverHost } = await started({ seed: 3 })
    const first = connect(clientHost)
    expect(await clock.until(first.say('hello'))).toBe('hello!')
    const cut = failureOf(first.wait())
    await clock.advance(50)
    network.between(clientHost, serverHost).cut()
    await clock.advance(50)
    expect(cut.error).toMatchObject({ code: 'UNAVAILABLE' })
    const second = connect(clientHost)
    const killed = failureOf(second.wait())
    await clock.advance(50)
    serverHost.kill()
    await clock.advance(50)
    expect(killed.error).toMatchObject({ code: 'UNAVAILABLE' })
    serverHost.start()
    const again = serve(serverHost)
    await again.listening
    const third = connect(clientHost)
    expect(await clock.until(third.say('again'))).toBe('again!')
    await clock.until(Promise.all([third.$close(), again.server.close()]))
    await clock.advance(100)
    assertQuiet(clock, network)
  })
})
