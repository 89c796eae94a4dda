import type { Counts } from './attack.ts'
import type { RawConnection } from './raw-connection.ts'

/** What an attack sends in one step. */
export interface Load {
  readonly bytes: Uint8Array
  readonly deeds: number
}

/** Sends the results of `next`, as fast as the peer accepts them, until the attack or the connection ends. */
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
    // Lets the events of the socket run.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
