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
function procedures(arrived?: () => Promise<void>) {
  const input = arrived === undefined ? Text : Text.refine(() => arrived().then(() => true))
  return {
    ask: procedure({ input, output: Text, errors }),
    watch: procedure({ input, items: Text, errors }),
    fill: procedure({ input, upload: Text, output: Text, errors }),
    talk: procedure({ input, upload: Text, items: Text, errors }),
    tell: procedure({ input, oneWay: true }),
  }
}

/** They are the server's. */
export function kindsContract(arrived?: () => Promise<void>) {
  return contract('kinds', { version: 1, procedures: procedures(arrived) })
}

/** They are the client's. */
export function clientKindsContract(arrived?: () => Promise<void>) {
  return contract('kinds', {
    version: 1,
    procedures: { nothing: procedure({}) },
    clientProcedures: procedures(arrived),
  })
}

export const kinds = ['unary', 'server-stream', 'client-stream', 'both-ways', 'one-way'] as const

export type Kind = (typeof kinds)[number]

/** Those whose callers send items. */
export const uploadKinds = kinds.filter(hasUpload)
/** Those whose callees send items. */
export const itemKinds = kinds.filter(hasItems)
