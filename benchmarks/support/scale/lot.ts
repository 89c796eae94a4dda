import { contract, procedure } from '@frameport/protocol'
import { Reading } from '../message.ts'

/** What sessions of `bench:scale` speak. */
export const lot = contract('lot', {
  version: 1,
  procedures: { set: procedure({ input: Reading, output: Reading }) },
})

export const host = '127.0.0.1'

/** `port`: bare connections of the completion port. `session`: clients. `tls`: clients over TLS. */
export type ScaleKind = 'port' | 'session' | 'tls'

export const kindHere = (process.env.FRAMEPORT_SCALE_KIND ?? 'session') as ScaleKind
