/**
 * Simple envelopes of raw peers. The types of the protocol are not imported here: the compiler compares them where an
 * envelope is used.
 */

export const noBody = { encoding: 'none', bytes: new Uint8Array(0) } as const

/** A body of JSON, valid or invalid. */
export function json(text: string): { readonly encoding: 'codec'; readonly bytes: Uint8Array } {
  return { encoding: 'codec', bytes: new TextEncoder().encode(text) }
}

export const hello = {
  kind: 'hello',
  versionMin: 1,
  versionMax: 1,
  codecs: ['json'],
  settings: [],
  contracts: [],
  metadata: {},
  body: noBody,
} as const

export const welcome = {
  kind: 'welcome',
  version: 1,
  codec: 'json',
  settings: [],
  contracts: [],
  metadata: {},
} as const
