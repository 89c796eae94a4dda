import { attachFrames } from '@frameport/framing'
import { createSession, type Session } from '@frameport/protocol/session'
import type { Server } from '@frameport/server'
import { createMemoryPair } from '@frameport/testing'
import type { memoryWorld } from './worlds/virtual-worlds.ts'

/** A session that sends a server requests which no client of its contracts would send. */
export function sessionTo(world: ReturnType<typeof memoryWorld>, server: Server): Session {
  const { a, b } = createMemoryPair({ clock: world.clock })
  server.accept(b)
  const session = createSession({
    role: 'client',
    environment: world.clock,
    contracts: [],
    handlers: {
      opened: () => undefined,
      call: (call) => call.end(),
      event: () => undefined,
      goaway: () => undefined,
      closed: () => undefined,
    },
  })
  session.attach(attachFrames(a))
  return session
}
