import { addressOf, RawConnection } from './raw-connection.ts'

/** What an attack has done, so that one which never ran is not taken for one that did no harm. */
export interface Counts {
  /** Bytes that were sent. */
  bytes: number
  /** Calls, pings, connections: what the attack counts in. */
  deeds: number
}

export interface Attack {
  readonly name: string
  /** What it does, for people. */
  readonly about: string
  readonly connections: number
  /**
   * What an innocent load of the same size does: calls without a pause, hardly anything on each connection, or long inputs or
   * long results without a pause where the attack is about those.
   */
  readonly innocent: 'busy' | 'idle' | 'long-inputs' | 'long-results'
  /** The least that it must have done in a second, or the run says nothing. */
  readonly deedsPerSecondMin: number
  /** One of its connections, until `isOver`. Called again when it returns before. */
  run(assault: Assault): Promise<void>
}

/** One connection of an attack, and what it has at hand. */
export interface Assault {
  readonly port: number
  /** Of this connection: several addresses, as several machines would have. */
  readonly address: string
  readonly index: number
  readonly counts: Counts
  isOver(): boolean
  /** Settles when the attack is over. */
  readonly over: Promise<void>
}

/** Runs an attack on all of its connections for a time. */
export async function assail(attack: Attack, port: number, seconds: number): Promise<Counts> {
  const counts: Counts = { bytes: 0, deeds: 0 }
  let isOver = false
  const over = new Promise<void>((resolve) =>
    setTimeout(() => {
      isOver = true
      resolve()
    }, seconds * 1000),
  )
  const one = async (index: number) => {
    while (!isOver) {
      await attack.run({ port, address: addressOf(index % 8), index, counts, isOver: () => isOver, over })
      // A server that refuses at once must not make the attacker spin for nothing.
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))])
    }
  }
  await Promise.all(Array.from({ length: attack.connections }, (_, index) => one(index)))
  return counts
}

/** Sends once, and keeps the connection for as long as the attack lasts and the server lets it. */
export async function hold(
  { port, address, counts, over }: Assault,
  { bytes, deeds }: { readonly bytes: Uint8Array; readonly deeds: number },
  reads = true,
): Promise<void> {
  const connection = await RawConnection.greeted(port, address)
  if (!reads) connection.socket.pause()
  await connection.write(bytes)
  counts.bytes += bytes.length
  counts.deeds += deeds
  await Promise.race([over, connection.closed])
  connection.close()
}

/** Sends what `next` makes, as fast as the server takes it, until the attack or the connection is over. */
export async function flood(
  { port, address, counts, isOver }: Assault,
  next: (round: number) => { readonly bytes: Uint8Array; readonly deeds: number },
  reads = true,
): Promise<void> {
  const connection = await RawConnection.greeted(port, address)
  if (!reads) connection.socket.pause()
  for (let round = 0; !isOver() && !connection.isClosed; round++) {
    const { bytes, deeds } = next(round)
    await connection.write(bytes)
    counts.bytes += bytes.length
    counts.deeds += deeds
    // The socket's own events have to come through.
    await new Promise((resolve) => setImmediate(resolve))
  }
  connection.close()
}
