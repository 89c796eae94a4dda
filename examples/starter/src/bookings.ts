import { RpcError } from '@frameport/protocol'
import type { Booking } from './contract.ts'

/** As many as memory is given to. */
const bookingsMax = 100_000

/** Bookings in memory. A database takes the place of this class; nothing else knows how they are kept. */
export class Bookings {
  readonly #byDay = new Map<string, Map<string, Booking>>()
  #count = 0

  /** Returns the booking that holds the desk on that day: this one, or an earlier one. */
  async add(booking: Booking): Promise<Booking> {
    const ofDay = this.#byDay.get(booking.day) ?? new Map<string, Booking>()
    const earlier = ofDay.get(booking.desk)
    if (earlier !== undefined) return earlier
    if (this.#count === bookingsMax)
      throw new RpcError('RESOURCE_EXHAUSTED', `There are ${bookingsMax} bookings: no more are taken.`)
    this.#count += 1
    this.#byDay.set(booking.day, ofDay.set(booking.desk, booking))
    return booking
  }

  async *of(day: string): AsyncGenerator<Booking> {
    yield* this.#byDay.get(day)?.values() ?? []
  }
}
