import { contract, procedure } from '@frameport/protocol'
import { hasItems, hasUpload } from '@frameport/protocol/contract'
import { z } from 'zod'

const errors = { FULL: z.object({ seats: z.number() }) }
const Text = z.string()

/**
 * One procedure of each kind of call. All inputs, items and answers are texts.
 *
 * @param arrived delays an input at the callee before its handler runs
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

/** The procedures belong to the server. */
export function kindsContract(arrived?: () => Promise<void>) {
  return contract('kinds', { version: 1, procedures: procedures(arrived) })
}

/** The procedures belong to the client. */
export function clientKindsContract(arrived?: () => Promise<void>) {
  return contract('kinds', {
    version: 1,
    procedures: { nothing: procedure({}) },
    clientProcedures: procedures(arrived),
  })
}

export const kinds = ['unary', 'server-stream', 'client-stream', 'both-ways', 'one-way'] as const

export type Kind = (typeof kinds)[number]

/** The kinds whose callers send items. */
export const uploadKinds = kinds.filter(hasUpload)
/** The kinds whose callees send items. */
export const itemKinds = kinds.filter(hasItems)
