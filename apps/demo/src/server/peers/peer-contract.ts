import { bytes, contract, procedure } from '@frameport/protocol'
import * as z from 'zod'
import { Name } from '../../contract-parts.ts'
import { Receipt, takingErrors } from '../../file-contract.ts'

/** The number of the change by which the file was offered. */
const Offer = z.int().nonnegative()

/**
 * The calls between the servers of one chat: a server gets a file for one of its members from the server of the sender.
 */
export const chatPeers = contract('chat-peers', {
  version: 1,
  procedures: {
    take: procedure({
      summary: 'Takes a file for a member on the calling server: the same bytes, and the same receipt.',
      input: z.object({ offer: Offer, by: z.string().min(1).max(64), name: Name }),
      upload: Receipt,
      items: bytes(),
      errors: takingErrors,
    }),
    decline: procedure({
      summary: 'Declines a file for a member on the calling server.',
      input: z.object({ offer: Offer, name: Name }),
    }),
  },
})
