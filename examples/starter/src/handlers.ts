import { implement } from '@frameport/server'
import type { Bookings } from './bookings.ts'
import { type Desks, desks } from './contract.ts'

/** One function for each procedure. It is given what it needs, so that a test can give it something else. */
export function implementDesks(bookings: Bookings) {
  return implement<Desks>(desks).handlers({
    async book({ input, errors, publish }) {
      const holder = await bookings.add(input)
      if (holder.name !== input.name) throw errors.TAKEN({ by: holder.name })
      if (holder === input) publish(desks.events.booked, { day: input.day }, input)
    },

    // Back-pressure reaches this generator: it goes on as fast as the client reads.
    async *bookings({ input }) {
      yield* bookings.of(input.day)
    },
  })
}
