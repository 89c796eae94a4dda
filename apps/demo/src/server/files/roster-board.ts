import type { RosterLink } from '../roster/roster-link.ts'
import type { OfferBoard } from './offers.ts'

/** The files in the roster, as offers need them. */
export function boardOf(link: RosterLink, members: (roomKey: string) => readonly string[]): OfferBoard {
  const { offers } = link.roster
  return {
    members,
    async offer({ identity, session }, head) {
      return session === undefined ? { code: 'NOT_IN_ROOM' } : await link.offer(identity, session, head)
    },
    close: (number, why) => link.closeOffer(number, why),
    get: (number) => offers.get(number),
    in: (roomKey) => offers.in(roomKey),
    hasBegun: (roomKey, file) => offers.hasBegun(roomKey, file),
  }
}
