import { contract, procedure } from '@frameport/protocol'
import { hasItems, hasUpload } from '@frameport/protocol/contract'
import { z } from 'zod'

const errors = { FULL: z.object({ seats: z.number() }) }
const Text = z.string()

/**
 * One procedure of each kind of call. All inputs, items and answers are texts.
 *
 * @param arrived what an input waits for at the callee before its handler runs
 */
export function kindsContract(arrived?: () => Promise<void>) {
  const input = arrived === undefined ? Text : Text.refine(() => arrived().then(() => true))
  return contract('kinds', {
    version: 1,
    procedures: {
      ask: procedure({ input, output: Text, errors }),
      watch: procedure({ input, items: Text, errors }),
      fill: procedure({ input, upload: Text, output: Text, errors }),
      talk: procedure({ input, upload: Text, items: Text, errors }),
      tell: procedure({ input, oneWay: true }),
    },
  })
}

export const kinds = ['unary', 'server-stream', 'client-stream', 'both-ways', 'one-way'] as const

export type Kind = (typeof kinds)[number]

/** Those whose callers send items. */
export const uploadKinds = kinds.filter(hasUpload)
/** Those whose callees send items. */
export const itemKinds = kinds.filter(hasItems)
