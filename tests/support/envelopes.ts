/**
 * Envelopes of peers that speak the wire by hand, as plain as they can be. The types of the protocol are not at hand here:
 * where one is used, the compiler compares.
 */

export const noBody = { encoding: 'none', bytes: new Uint8Array(0) } as const

/** A body of JSON, right or wrong. */
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
