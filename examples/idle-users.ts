import { safe } from '@frameport/client'
import { contract, procedure, RpcError } from '@frameport/protocol'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { type HandlerConnection, implement } from '@frameport/server'
import { createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const lobby = contract('lobby', {
  version: 1,
  procedures: { say: procedure({ input: z.string() }), listen: procedure({ items: z.string() }) },
})

interface Session {
  /** What the user got by signing in, and shows at each connection. */
  readonly signIn: string
}

/** Signs users out who have called nothing for a while. One with an open call is not idle. */
class IdleUsers {
  readonly #environment: SessionEnvironment
  readonly #idleMs: number
  readonly #users = new Map<HandlerConnection, User>()
  /** In a real program the store of sign-ins knows that, and forgets those that are too old anyway. */
  readonly #signedOut = new Set<string>()

  /** @param environment that of the server: `realEnvironment` of `@frameport/iocp-core`, or the clock of a test */
  constructor(environment: SessionEnvironment, idleMs: number) {
    this.#environment = environment
    this.#idleMs = idleMs
  }

  get size(): number {
    return this.#users.size
  }

  /** @throws RpcError UNAUTHENTICATED, which is final: its client does not try again */
  letIn(signIn: string): Session {
    if (this.#signedOut.has(signIn))
      throw new RpcError('UNAUTHENTICATED', 'You were signed out, since nothing was called for a while.')
    return { signIn }
  }

  came(connection: HandlerConnection, { signIn }: Session): void {
    const user: User = { signIn, calls: 0, timer: undefined }
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
    user.timer = this.#environment.setTimer(this.#idleMs, () => {
      this.#signedOut.add(user.signIn)
      void connection.close({ graceMs: 0 })
    })
  }
}

interface User {
  readonly signIn: string
  calls: number
  timer: SessionTimer | undefined
}

function implementLobby(idle: IdleUsers) {
  return implement(lobby)
    .$context<Session>()
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
const connect = () =>
  createTestClient(implementLobby(idle), {
    clock,
    auth: 'the first sign-in of Ada',
    context: ({ hello }) => idle.letIn(String(hello.auth)),
    server: {
      onConnection: ({ connection, context }) => idle.came(connection, context),
      onDisconnect: ({ connection }) => idle.gone(connection),
    },
  })
const client = connect()
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

// A client over an address comes back by itself, as this one does by hand.
const again = connect()
console.log((await safe(again.say('I am back'))).error?.message)
await again.$close()

//> with an open stream: open
//> 59 s after it: open
//> 61 s after it: closed, 0 users
//> You were signed out, since nothing was called for a while.
