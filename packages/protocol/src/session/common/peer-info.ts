import type { Body } from '../../envelope/codec.ts'
import type { ContractAnnouncement, Metadata } from '../../envelope/envelope.ts'

export interface HelloInfo {
  readonly contracts: readonly ContractAnnouncement[]
  readonly auth: Body
  readonly metadata: Metadata
}

export interface WelcomeInfo {
  readonly contracts: readonly ContractAnnouncement[]
  readonly metadata: Metadata
  /** The peer's limits, announced. */
  readonly bodyBytesMax: number
  readonly callsInFlightMax: number
}
