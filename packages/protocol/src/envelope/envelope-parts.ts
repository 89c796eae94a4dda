/** Small string pairs that travel with hello, welcome and calls. */
export type Metadata = Readonly<Record<string, string>>

/** Additions to an envelope, by id: a receiver passes over those that it does not know. */
export type Extensions = readonly (readonly [id: number, value: Uint8Array])[]

/** A body as it travels: nothing, bytes of the negotiated codec, or raw bytes. Zero bytes are not nothing. */
export interface EnvelopeBody {
  readonly encoding: 'none' | 'codec' | 'raw'
  /** From the decoder a view of the frame: copy what must outlive it. */
  readonly bytes: Uint8Array
}

/** What every envelope may carry. */
export interface EnvelopeExtras {
  readonly extensions?: Extensions | undefined
}

export const noBytes = new Uint8Array(0)
export const noBody: EnvelopeBody = { encoding: 'none', bytes: noBytes }
/** No pairs. It has no prototype, as every decoded metadata has none: `__proto__` is a key like any other. */
export const noMetadata: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
/**
 * What the decoder gives, this very object, for metadata over the receiver's limits. They were not read: the receiver
 * fails what they came with.
 */
export const metadataOverLimit: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
