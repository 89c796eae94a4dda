import assert from 'node:assert/strict'
import { contract, event, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { assertQuiet, createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({ input: z.string() }),
    say: procedure({ input: z.object({ room: z.string(), text: z.string() }), output: z.number() }),
    waitForAnswer: procedure({ output: z.string() }),
  },
  events: { line: event(z.string(), { topic: z.string() }) },
})

/** What the tests below run: it gets what it needs, and knows nothing of a test. */
function implementChat(publish: (room: string, line: string) => number) {
  return implement(chat)
    .$context<{ user: string }>()
    .handlers({
      join: ({ input, connection }) => connection.subscribe(chat.events.line, input),
      say: ({ input, context }) => publish(input.room, `${context.user}: ${input.text}`),
      waitForAnswer: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    })
}

// Two users of one server: the context is made of what each of them says in its hello.
{
  const handlers = implementChat((room, line) => ada.$server.publish(chat.events.line, room, line).reached)
  const ada = createTestClient(handlers, {
    auth: 'ada',
    context: ({ hello }) => ({ user: String(hello.auth) }),
  })
  const bob = ada.$connect({ auth: 'bob' })
  const heard = new Promise((resolve) => bob.$on('line', 'lobby', resolve))
  await bob.join('lobby')
  assert.equal(await ada.say({ room: 'lobby', text: 'hello' }), 1)
  console.log(await heard)
  await ada.$close()
}

// A minute passes in no time, on both sides.
{
  const clock = createVirtualClock()
  const client = createTestClient(
    implementChat(() => 0),
    { context: { user: 'ada' }, clock },
  )
  const failure = await clock.until(client.waitForAnswer({ deadlineMs: 60_000 }).catch((error) => error))
  console.log(`${failure.code} after ${Math.floor(clock.nowMs() / 1000)} s`)
  await client.$close()
  assertQuiet(clock)
}

//> ada: hello
//> DEADLINE_EXCEEDED after 60 s
