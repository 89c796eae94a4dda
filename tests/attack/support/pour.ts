import type { Counts } from './attack.ts'
import type { RawConnection } from './raw-connection.ts'

/** What an attack sends at once. */
export interface Load {
  readonly bytes: Uint8Array
  readonly deeds: number
}

/** Sends what `next` makes, as fast as the peer takes it, until the attack or the connection is over. */
export async function pour(
  connection: RawConnection,
  { counts, isOver }: { readonly counts: Counts; isOver(): boolean },
  next: (round: number) => Load,
): Promise<void> {
  for (let round = 0; !isOver() && !connection.isClosed; round++) {
    const { bytes, deeds } = next(round)
    await connection.write(bytes)
    counts.bytes += bytes.length
    counts.deeds += deeds
    // The socket's own events have to come through.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
