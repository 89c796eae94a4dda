import { contract, procedure } from '@frameport/protocol'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { type HandlerConnection, implement } from '@frameport/server'
import { createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const lobby = contract('lobby', {
  version: 1,
  procedures: { say: procedure({ input: z.string() }), listen: procedure({ items: z.string() }) },
})

/** Closes the connections of users who have called nothing for a while. One with an open call is not idle. */
class IdleUsers {
  readonly #environment: SessionEnvironment
  readonly #idleMs: number
  readonly #users = new Map<HandlerConnection, User>()

  /** @param environment that of the server: `realEnvironment` of `@frameport/iocp-core`, or the clock of a test */
  constructor(environment: SessionEnvironment, idleMs: number) {
    this.#environment = environment
    this.#idleMs = idleMs
  }

  get size(): number {
    return this.#users.size
  }

  came(connection: HandlerConnection): void {
    const user: User = { calls: 0, timer: undefined }
    this.#users.set(connection, user)
    this.#wait(connection, user)
  }

  gone(connection: HandlerConnection): void {
    this.#users.get(connection)?.timer?.cancel()
    this.#users.delete(connection)
  }

  callBegan(connection: HandlerConnection): void {
    const user = this.#users.get(connection)
    if (user === undefined) return
    user.calls += 1
    user.timer?.cancel()
  }

  callEnded(connection: HandlerConnection): void {
    const user = this.#users.get(connection)
    if (user === undefined) return
    user.calls -= 1
    if (user.calls === 0) this.#wait(connection, user)
  }

  #wait(connection: HandlerConnection, user: User): void {
    user.timer = this.#environment.setTimer(this.#idleMs, () => void connection.close({ graceMs: 0 }))
  }
}

interface User {
  calls: number
  timer: SessionTimer | undefined
}

function implementLobby(idle: IdleUsers) {
  return implement(lobby)
    .use(({ connection, next }) => {
      idle.callBegan(connection)
      return next({ onEnd: () => idle.callEnded(connection) })
    })
    .handlers({
      say: () => undefined,
      async *listen({ signal }) {
        yield 'hello'
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      },
    })
}

// A test: minutes pass in no time.
const clock = createVirtualClock()
const idle = new IdleUsers(clock, 60_000)
const client = createTestClient(implementLobby(idle), {
  clock,
  server: {
    onConnection: ({ connection }) => idle.came(connection),
    onDisconnect: ({ connection }) => idle.gone(connection),
  },
})
await client.say('hi')
await clock.advance(59_000)
await client.say('still here')
const stream = client.listen()
await stream.next()
await clock.advance(600_000)
console.log(`with an open stream: ${client.$connection.state}`)
await stream.return()
await clock.advance(59_000)
console.log(`59 s after it: ${client.$connection.state}`)
await clock.advance(2_000)
console.log(`61 s after it: ${client.$connection.state}, ${idle.size} users`)
await client.$close()

//> with an open stream: open
//> 59 s after it: open
//> 61 s after it: closed, 0 users
