import type { Client, CreateClientOptions } from '@frameport/client'
import type { CompletionPort } from '@frameport/iocp-core'
import type { Contract } from '@frameport/protocol'
import type { SessionEnvironment } from '@frameport/protocol/session'
import type { Server } from '@frameport/server'
import type { RawPeer } from './raw-peer.ts'

/** The environment of scenarios: memory and virtual time, two message ports, or a completion port. */
export interface World {
  readonly name: string
  readonly environment: SessionEnvironment | undefined
  /** The port for the server, if it needs one. */
  readonly port?: CompletionPort
  /** The remote endpoint of clients on the server. */
  readonly remote: RegExp
  /** A client of the server. It closes with the world. */
  connect<C extends Contract>(
    server: Server,
    contract: C,
    options?: CreateClientOptions<NoInfer<C>>,
  ): Promise<Client<C>>
  /** A connection to the server without a session. */
  connectRaw(server: Server): Promise<RawPeer>
  /** Breaks the newest connection of a client, from one side. Data on the way may be lost. */
  cut(side: 'client' | 'server'): void
  /** Returns the result of `promise`. Virtual time advances as far as necessary. */
  run<T>(promise: Promise<T>): Promise<T>
  /** Waits until the condition holds. */
  eventually(what: string, condition: () => boolean): Promise<void>
  /** Lets everything arrive that is on its way. */
  settle(): Promise<void>
  /** Closes everything, and throws if something remains, or if nothing ever passed through this world. */
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

/** The two ends of the newest connection of a client, for worlds in which the ends are created separately. */
export interface NewestEnds {
  client: { abort(): void } | undefined
  server: { abort(): void } | undefined
}

/** @throws an error with the given lines, which say what remains */
export function assertNothingLeft(left: readonly string[]): void {
  if (left.length > 0) throw new Error(`left over: ${left.join('; ')}`)
}
