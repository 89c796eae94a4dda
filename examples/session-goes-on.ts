import { createClient } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { createSimNetwork } from '@frameport/testing'
import { z } from 'zod'

const orders = contract('orders', {
  version: 1,
  procedures: { place: procedure({ input: z.string(), output: z.number() }) },
})

// A network in memory: its connections can be cut, and its machines can be killed.
const network = createSimNetwork({ seed: 1 })
const { clock } = network
const machine = network.host('machine')
const laptop = network.host('laptop')

let orderReceived = () => {}
async function serve() {
  let count = 0
  const handlers = implement(orders).handlers({
    place() {
      orderReceived()
      return ++count
    },
  })
  const server = createServer(handlers, { environment: machine.environment, log: false })
  await server.listen(machine.acceptor(5500))
  return server
}

await serve()
const client = createClient(orders, laptop.connector('machine:5500'), {
  environment: laptop.environment,
  onSession: ({ resumed, isFirst }) => console.log({ isFirst, resumed }),
})
console.log('order', await clock.until(client.place('tea')))

// The connection is cut in the middle of the answer. The call goes on over the next connection.
const milk = client.place('milk')
network.connections[0]?.cut('reset', { direction: 'back', afterBytes: 5 })
console.log('order', await clock.until(milk))

// The server is killed while it handles a call. A new process does not know the session.
const received = new Promise<void>((resolve) => {
  orderReceived = resolve
})
const bread = client.place('bread').catch((error: unknown) => error)
await clock.until(received)
machine.kill()
machine.start()
const server = await serve()
const error = await clock.until(bread)
if (RpcError.is(error)) console.log(error.code, { maybeExecuted: error.maybeExecuted })

await clock.until(Promise.all([client.$close(), server.close()]))

//> { isFirst: true, resumed: false }
//> order 1
//> { isFirst: false, resumed: true }
//> order 2
//> { isFirst: false, resumed: false }
//> UNAVAILABLE { maybeExecuted: true }
