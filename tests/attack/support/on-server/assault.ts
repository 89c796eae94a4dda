import type { Counts, ServerAttack } from '../attack.ts'
import { type Load, pause, pour } from '../pour.ts'
import { addressOf, RawConnection } from '../raw-connection.ts'
import { endAfter, type Term, type TheEnd } from '../term.ts'

/** One connection of an attack, with what it needs. */
export interface Assault extends TheEnd {
  readonly port: number
  /** The address of this connection. Several addresses act like several machines. */
  readonly address: string
  readonly index: number
  readonly counts: Counts
}

/** Runs an attack on all of its connections for its duration. */
export async function assail(attack: ServerAttack, port: number, term: Term): Promise<Counts> {
  const counts: Counts = { bytes: 0, deeds: 0 }
  const end = endAfter(term, counts)
  const one = async (index: number) => {
    while (!end.isOver()) {
      await attack.run({ port, address: addressOf(index % 8), index, counts, ...end })
      // If a server refuses immediately, the attacker must not loop without a pause.
      await Promise.race([end.over, pause(20)])
    }
  }
  await Promise.all(Array.from({ length: attack.connections }, (_, index) => one(index)))
  return counts
}

/** Sends once, and keeps the connection open as long as the attack lasts and the server allows it. */
export async function hold(
  { port, address, counts, over }: Assault,
  { bytes, deeds }: Load,
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

/** Sends the results of `next`, as fast as the server accepts them, until the attack or the connection ends. */
export async function flood(assault: Assault, next: (round: number) => Load, reads = true): Promise<void> {
  const connection = await RawConnection.greeted(assault.port, assault.address)
  if (!reads) connection.socket.pause()
  await pour(connection, assault, next)
  connection.close()
}
