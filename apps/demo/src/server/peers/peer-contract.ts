import { bytes, contract, procedure } from '@frameport/protocol'
import * as z from 'zod'
import { Name } from '../../contract-parts.ts'
import { OfferEnd, Receipt } from '../../file-contract.ts'

/** The number of the change by which the file was offered. */
const Offer = z.int().nonnegative()

/** What servers of one chat ask each other for: the files that people of one take from people of another. */
export const chatPeers = contract('chat-peers', {
  version: 1,
  procedures: {
    take: procedure({
      summary: 'Takes a file for somebody on the server that asks: the same bytes, and the same receipt.',
      input: z.object({ offer: Offer, by: z.string().min(1).max(64), name: Name }),
      upload: Receipt,
      items: bytes(),
      errors: {
        NO_SUCH_FILE: z.object({}),
        HAS_BEGUN: z.object({}),
        OWN_FILE: z.object({}),
        TAKEN_ALREADY: z.object({}),
        OFFER_ENDED: z.object({ why: OfferEnd }),
        TOO_SLOW: z.object({ stallMs: z.number() }),
      },
    }),
    decline: procedure({
      summary: 'Says that somebody on the server that asks does not want a file.',
      input: z.object({ offer: Offer, name: Name }),
    }),
  },
})
