import type { Client, CreateClientOptions } from '@frameport/client'
import type { CompletionPort } from '@frameport/iocp-core'
import type { Contract } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Server } from '@frameport/server'
import type { RawPeer } from './raw-peer.ts'

/** Where scenarios run: in memory and virtual time, between two message ports, or over a completion port. */
export interface World {
  readonly name: string
  readonly environment: SessionEnvironment | undefined
  /** For the server, where it needs one. */
  readonly port?: CompletionPort
  /** How the server names who connects. */
  readonly remote: RegExp
  /** A client of the server; closed with the world. */
  connect<C extends Contract>(
    server: Server,
    contract: C,
    options?: CreateClientOptions<NoInfer<C>>,
  ): Promise<Client<C>>
  /** A connection to the server without a session on it. */
  connectRaw(server: Server): Promise<RawPeer>
  /** Breaks the newest connection of a client, from this side of it. What is on its way may be lost. */
  cut(side: 'client' | 'server'): void
  /** What `promise` settles to; virtual time moves as far as it needs. */
  run<T>(promise: Promise<T>): Promise<T>
  /** Waits until the condition holds. */
  eventually(what: string, condition: () => boolean): Promise<void>
  /** Lets everything that is under way arrive. */
  settle(): Promise<void>
  /** Closes everything, and throws when something is left, or when nothing ever went through this world. */
  close(server: Server): Promise<void>
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The part of a world that waits in real time. */
export const realTime: Pick<World, 'environment' | 'run' | 'eventually' | 'settle'> = {
  environment: undefined,
  run: (promise) => promise,
  async eventually(what, condition) {
    const giveUpAtMs = performance.now() + 20_000
    while (!condition()) {
      if (performance.now() > giveUpAtMs) throw new Error(`never: ${what}`)
      await nextTurn()
    }
  },
  async settle() {
    for (let turn = 0; turn < 20; turn++) await nextTurn()
  },
}

/** The two ends of the newest connection of a client, for worlds whose ends are made apart. */
export interface NewestEnds {
  client: { abort(): void } | undefined
  server: { abort(): void } | undefined
}

/** @throws when one line or more say what is left */
export function assertNothingLeft(left: readonly string[]): void {
  if (left.length > 0) throw new Error(`left over: ${left.join('; ')}`)
}
