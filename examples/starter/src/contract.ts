import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Day = z.iso.date()
const Name = z.string().min(1).max(80)

/** A desk of the office for one day. */
export const Booking = z.object({ day: Day, desk: Name, name: Name })
export type Booking = z.output<typeof Booking>

/** What server and client share. Neither imports the other. */
export const desks = contract('desks', {
  version: 1,
  procedures: {
    /** Who books the same desk again has it already: a client may make this call twice. */
    book: procedure({ input: Booking, errors: { TAKEN: z.object({ by: Name }) }, idempotent: true }),
    bookings: procedure({ input: z.object({ day: Day }), items: Booking }),
  },
  events: {
    booked: event(Booking, { topic: z.object({ day: Day }), subscribe: 'clients' }),
  },
})

/** A name for its type, which editors and compilers show. */
export interface Desks extends Readonly<typeof desks> {}
