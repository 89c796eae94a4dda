import { contract, procedure, RpcError } from '@frameport/protocol'
import type { SessionEnvironment, SessionTimer } from '@frameport/protocol/session'
import { implement, type ServerConnection } from '@frameport/server'
import { createVirtualClock } from '@frameport/testing'
import { createTestClient } from '@frameport/testing/client'
import { z } from 'zod'

const mail = contract('mail', {
  version: 1,
  procedures: { count: procedure({ output: z.string() }) },
})

interface User {
  readonly name: string
  readonly expiresAtMs: number
}

/** Whom a token is for, and until when. A real one is signed: check that here. */
function userOf(auth: unknown, nowMs: number): User {
  const [name, expiresAt] = String(auth).split(' until ')
  const expiresAtMs = Number(expiresAt)
  if (name === undefined || !(expiresAtMs > nowMs))
    throw new RpcError('UNAUTHENTICATED', 'The token has expired.')
  return { name, expiresAtMs }
}

/** Asks clients for a new token before theirs expires, and closes the connections of those that have none. */
class Expiry {
  readonly #environment: SessionEnvironment
  readonly #aheadMs: number
  readonly #timers = new Map<ServerConnection, SessionTimer>()

  /** @param environment that of the server: `realEnvironment` of `@frameport/iocp-core`, or the clock of a test */
  constructor(environment: SessionEnvironment, aheadMs: number) {
    this.#environment = environment
    this.#aheadMs = aheadMs
  }

  /** Also when a new token has taken the place of one. */
  watch(connection: ServerConnection, { expiresAtMs }: User): void {
    this.forget(connection)
    const waitMs = Math.max(0, expiresAtMs - this.#environment.nowMs() - this.#aheadMs)
    this.#timers.set(
      connection,
      this.#environment.setTimer(waitMs, () => void this.#ask(connection)),
    )
  }

  forget(connection: ServerConnection): void {
    this.#timers.get(connection)?.cancel()
    this.#timers.delete(connection)
  }

  async #ask(connection: ServerConnection): Promise<void> {
    try {
      await connection.challenge('token', { timeoutMs: this.#aheadMs })
    } catch {
      await connection.close({ graceMs: 1_000 })
    }
  }
}

const clock = createVirtualClock()
const expiry = new Expiry(clock, 30_000)
const implementation = implement(mail)
  .$context<User>()
  .handlers({
    count: ({ context }) => `${context.name} has 3, with a token until ${context.expiresAtMs / 1000} s`,
  })

/** The token service signs nobody in any more after a while. */
let isSignedIn = true
const client = createTestClient(implementation, {
  clock,
  context: ({ hello }) => userOf(hello.auth, clock.nowMs()),
  server: {
    // Each hello may show another token: a session goes on with the same person.
    principal: ({ context }) => context.name,
    renewContext: ({ auth, connection, context }) => {
      const user = userOf(auth, clock.nowMs())
      // `principal` refuses somebody else as well, after this: the token of another must not be watched.
      if (user.name !== context.name)
        throw new RpcError('PERMISSION_DENIED', 'That is the token of somebody else.')
      expiry.watch(connection, user)
      return user
    },
    onConnection: ({ connection, context }) => expiry.watch(connection, context),
    onDisconnect: ({ connection }) => expiry.forget(connection),
  },
  // Fetched when it is needed: for the hello, and each time the server asks.
  auth: async () => (isSignedIn ? `Ada until ${clock.nowMs() + 300_000}` : undefined),
  onChallengeFailed: (error) => console.log(`refused: ${(error as Error).message}`),
})

console.log(await client.count())
await clock.advance(280_000)
console.log(await client.count())
await client.$connection.renewAuth()
console.log(await client.count())
isSignedIn = false
await clock.advance(310_000)
console.log(client.$connection.state)
await client.$close()

//> Ada has 3, with a token until 300 s
//> Ada has 3, with a token until 570 s
//> Ada has 3, with a token until 580 s
//> refused: The token has expired.
//> closed
