import assert from 'node:assert/strict'

/*
 * What the tests of users do, whatever runs them, and while it fakes timers: a client of their handlers, virtual time, and
 * a clock that was forgotten. Plain JavaScript, because jest runs it as it stands. No timer of the runner is used here.
 */

const broken = new Error('the disk is full')

async function load() {
  const { implement } = await import('@frameport/server')
  const { contract, event, procedure } = await import('@frameport/protocol')
  const { createTestClient } = await import('@frameport/testing/client')
  const { assertQuiet, createVirtualClock } = await import('@frameport/testing')
  const { z } = await import('zod')
  const desk = contract('desk', {
    version: 1,
    procedures: {
      echo: procedure({ input: z.string(), output: z.string() }),
      count: procedure({ input: z.number(), items: z.number() }),
      wait: procedure({}),
      fail: procedure({}),
      watch: procedure({}),
    },
    events: { notice: event(z.string()) },
  })
  const implementation = implement(desk)
    .$context()
    .handlers({
      echo: ({ input, context }) => `${context.user}: ${input}`,
      async *count({ input }) {
        for (let item = 0; item < input; item++) yield item
      },
      wait: () => new Promise(() => undefined),
      fail() {
        throw broken
      },
      watch: ({ connection }) => connection.subscribe(desk.events.notice),
    })
  return { desk, implementation, createTestClient, assertQuiet, createVirtualClock }
}

/** Calls, items, an event, a deadline and a failure of a test client. */
export async function exerciseTestClient() {
  const { desk, implementation, createTestClient } = await load()
  const client = createTestClient(implementation, { context: { user: 'ada' } })
  for (let call = 0; call < 20; call++) assert.equal(await client.echo(`${call}`), `ada: ${call}`)
  const items = []
  for await (const item of client.count(100)) items.push(item)
  assert.equal(items.length, 100)
  const heard = new Promise((resolve) => client.$on('notice', resolve))
  await client.watch()
  assert.equal(client.$server.publish(desk.events.notice, 'soon').reached, 1)
  assert.equal(await heard, 'soon')
  const late = await client.wait({ deadlineMs: 50 }).catch((error) => error)
  assert.equal(late.code, 'DEADLINE_EXCEEDED')
  const failed = await client.fail().catch((error) => error)
  assert.deepEqual([failed.code, failed.cause], ['INTERNAL', broken])
  await client.$close({ graceMs: 0 })
}

/** An hour in virtual time. */
export async function exerciseVirtualTime() {
  const { implementation, createTestClient, assertQuiet, createVirtualClock } = await load()
  const clock = createVirtualClock()
  const client = createTestClient(implementation, { context: { user: 'ada' }, clock })
  const late = await clock.until(client.wait({ deadlineMs: 3_599_000 }).catch((error) => error))
  assert.equal(late.code, 'DEADLINE_EXCEEDED')
  await client.$close({ graceMs: 0 })
  assertQuiet(clock)
}

/** A test that forgets to move time is told so, and can go on. */
export async function forgetTheClock() {
  const { implementation, createTestClient, assertQuiet, createVirtualClock } = await load()
  let clock
  const told = new Promise((onForgotten) => {
    clock = createVirtualClock({ onForgotten })
  })
  const client = createTestClient(implementation, { context: { user: 'ada' }, clock })
  const late = client.wait({ deadlineMs: 500 }).catch((error) => error)
  const text = await Promise.race([told, late])
  assert.match(text, /await clock\.until\(promise\)/)
  assert.match(text, /at 500 ms/)
  assert.equal((await clock.until(late)).code, 'DEADLINE_EXCEEDED')
  await client.$close({ graceMs: 0 })
  assertQuiet(clock)
}

export async function exerciseAll() {
  await exerciseTestClient()
  await exerciseVirtualTime()
  await forgetTheClock()
}
