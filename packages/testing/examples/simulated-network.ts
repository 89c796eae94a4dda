import { createClient } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { createServer, implement } from '@frameport/server'
import { assertQuiet, createSimNetwork } from '@frameport/testing'
import { z } from 'zod'

const notes = contract('notes', {
  version: 1,
  procedures: { add: procedure({ input: z.string(), output: z.number() }) },
})

const network = createSimNetwork({ seed: 1, latencyMs: { minMs: 5, maxMs: 40 } })
const { clock } = network
const laptop = network.host('laptop')
const machine = network.host('machine', { clockRate: 1.001 })

/** Runs in a process of the machine: nothing of it is left when that is killed. */
async function serve() {
  let count = 0
  const handlers = implement(notes).handlers({ add: () => ++count })
  const server = createServer(handlers, { environment: machine.environment, log: false })
  await server.listen(machine.acceptor(5500))
  return server
}
const connect = () =>
  createClient(notes, laptop.connector('machine:5500'), {
    environment: laptop.environment,
    reconnect: false, // to see what a lost connection does
  })

await serve()

// The answer is cut in its middle: nobody can say whether the note was added.
{
  const client = connect()
  console.log(await clock.until(client.add('milk')))
  const adding = client.add('bread').catch((error) => error)
  network.connections[0]?.cut('reset', { direction: 'back', afterBytes: 5 })
  const failure = await clock.until(adding)
  console.log(failure.code, failure.maybeExecuted)
}

// The process is killed and started: what it had in memory is gone.
{
  const client = connect()
  console.log(await clock.until(client.add('butter')))
  machine.kill()
  console.log((await clock.until(client.$connection.closed())).code)
  machine.start()
  const server = await serve()
  const again = connect()
  console.log(await clock.until(again.add('eggs')))
  await clock.until(Promise.all([again.$close(), server.close()]))
}

// A cable is pulled: both sides notice by their heartbeats.
{
  const server = await serve()
  const client = connect()
  await clock.until(client.add('salt'))
  network.between(laptop, machine).hold()
  console.log((await clock.until(client.$connection.closed())).code)
  network.between(laptop, machine).release()
  await clock.until(server.close())
}
await clock.advance(1_000)
assertQuiet(clock, network)

//> 1
//> UNAVAILABLE true
//> 3
//> CONNECTION_LOST
//> 1
//> HEARTBEAT_TIMEOUT
