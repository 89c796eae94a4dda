/** Pairs of strings that travel with a hello, a welcome or a call. */
export type Metadata = Readonly<Record<string, string>>

/** Additions to an envelope, each with its id. A receiver ignores those that it does not know. */
export type Extensions = readonly (readonly [id: number, value: Uint8Array])[]

/** An encoded body. A body of zero bytes differs from no body. */
export interface EnvelopeBody {
  /** `none` for no body, `codec` for the negotiated codec, `raw` for raw bytes. */
  readonly encoding: 'none' | 'codec' | 'raw'
  /** The bytes. The decoder returns a view of the frame: copy it to keep it. */
  readonly bytes: Uint8Array
}

/** Fields that every envelope may have. */
export interface EnvelopeExtras {
  /** Additions of a later version or of an application. */
  readonly extensions?: Extensions | undefined
}

export const noBytes = new Uint8Array(0)
export const noBody: EnvelopeBody = { encoding: 'none', bytes: noBytes }
/** No pairs. It has no prototype, as every decoded metadata has none: `__proto__` is a key like any other. */
export const noMetadata: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
/**
 * The object that the decoder returns for metadata over the limits of the receiver. They were not read: the receiver
 * fails the call or handshake with which they came.
 */
export const metadataOverLimit: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
