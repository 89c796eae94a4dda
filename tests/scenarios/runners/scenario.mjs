import assert from 'node:assert/strict'

/*
 * What must still work while a test runner fakes timers: calls, a deadline, heartbeats, and closing. Plain JavaScript,
 * because jest runs it without a transformation. It uses no timers of the runner, only a clock that no runner fakes.
 */

const seconds = () => process.uptime()

/** The back ends that are available on this machine. */
export async function backEnds() {
  const { probe } = await import('@frameport/iocp-core')
  return probe()
    .filter(({ available }) => available)
    .map(({ backend }) => backend)
}

/** Imports the packages if necessary, and uses them. */
export async function exercise(backend) {
  const { createCompletionPort } = await import('@frameport/iocp-core')
  const { createServer, implement } = await import('@frameport/server')
  const { createClient } = await import('@frameport/client')
  const { contract, procedure } = await import('@frameport/protocol')
  const { z } = await import('zod')

  const desk = contract('desk', {
    version: 1,
    procedures: { echo: procedure({ input: z.string(), output: z.string() }), wait: procedure({}) },
    events: {},
  })
  const port = createCompletionPort({ backend })
  const handlers = { echo: ({ input }) => input, wait: () => new Promise(() => undefined) }
  const server = createServer(implement(desk).handlers(handlers), { completionPort: port })
  const listener = await server.listen('tcp://127.0.0.1:0')
  const client = createClient(desk, listener.url, { completionPort: port })
  for (let call = 0; call < 20; call++) assert.equal(await client.echo(`call ${call}`), `call ${call}`)

  const askedAt = seconds()
  const failure = await client.wait({ deadlineMs: 50 }).catch((error) => error)
  assert.equal(failure.code, 'DEADLINE_EXCEEDED')
  within(seconds() - askedAt, 0.045, 5, 'the deadline of 50 ms')

  await loseAPeer(port, listener.url, (url) =>
    createClient(desk, url, {
      completionPort: port,
      reconnect: false,
      limits: { heartbeatIntervalMs: 50, heartbeatTimeoutMs: 50 },
    }),
  )
  await client.$close()
  await server.close({ graceMs: 10 })
  await port.close()
  assert.deepEqual(
    Object.values(port.counters).filter((count) => count !== 0),
    [],
  )
}

/** A relay that passes on the handshake and then nothing. The heartbeat of the client must notice that. */
async function loseAPeer(port, url, connect) {
  let mute = false
  const relay = await port.listen('tcp://127.0.0.1:0', async (near) => {
    near.pause()
    const far = await port.connect(url)
    pipe(near, far, () => mute)
    pipe(far, near, () => mute)
    near.resume()
  })
  const client = connect(relay.url)
  await client.echo('passed on')
  mute = true
  const mutedAt = seconds()
  const { code } = await client.$connection.closed()
  assert.equal(code, 'HEARTBEAT_TIMEOUT')
  within(seconds() - mutedAt, 0.045, 5, 'a heartbeat of 50 ms and its answer within 50 ms')
  await relay.close()
}

function pipe(from, to, isMute) {
  from.start({
    data: (chunk) => void (isMute() || to.send(chunk)),
    end: () => to.end(),
    drain() {},
    close: () => to.abort(),
  })
}

function within(took, least, most, what) {
  assert.ok(took >= least && took <= most, `${what} took ${took} s`)
}
