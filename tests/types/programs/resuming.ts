import { contract, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Line = z.object({ id: z.string().transform(Number), text: z.string() })
const After = z.object({ room: z.string(), after: z.number().default(0) })

/** What a stream goes on with is what a caller sends, made of what a caller gets. */
export const journal = contract('journal', {
  version: 1,
  procedures: {
    follow: procedure({
      input: After,
      items: Line,
      resumeFrom: (input, last) => ({ ...input, after: last.id }),
      // ^ input, last, after, id
    }),
  },
})

export const { follow } = journal.procedures
// ^ follow
