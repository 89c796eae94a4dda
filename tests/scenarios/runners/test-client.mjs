import assert from 'node:assert/strict'

/*
 * What tests of users do under each runner, also with faked timers: a client of their handlers, virtual time, and a
 * clock that a test forgot to advance. Plain JavaScript, because jest runs it without a transformation. It uses no
 * timers of the runner.
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

/** Makes calls, reads items, receives an event, passes a deadline and fails, with a test client. */
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

/** Spends an hour in virtual time. */
export async function exerciseVirtualTime() {
  const { implementation, createTestClient, assertQuiet, createVirtualClock } = await load()
  const clock = createVirtualClock()
  const client = createTestClient(implementation, { context: { user: 'ada' }, clock })
  const late = await clock.until(client.wait({ deadlineMs: 3_599_000 }).catch((error) => error))
  assert.equal(late.code, 'DEADLINE_EXCEEDED')
  await client.$close({ graceMs: 0 })
  assertQuiet(clock)
}

/** A test that forgets to advance the time gets a message, and can continue. */
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
