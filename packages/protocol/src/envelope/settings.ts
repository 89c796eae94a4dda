import { defaultMetadataLimits, envelopeLimits } from './envelope-limits.ts'
import type { Setting } from './link-envelopes.ts'

/** What a side announces in its hello or welcome: what it is willing to receive. */
export interface PeerSettings {
  /** The longest payload of a frame, in bytes. */
  readonly frameBytesMax: number
  /** The longest body, all pieces together, in bytes. It may be above `frameBytesMax`. */
  readonly bodyBytesMax: number
  /** Bytes of all bodies together that have arrived in part. */
  readonly bodiesPartialBytesMax: number
  /** Calls that may be open at once. */
  readonly callsInFlightMax: number
  /** Pairs of metadata in one envelope. */
  readonly metadataEntriesMax: number
  /** Bytes of the keys and values of metadata in one envelope. */
  readonly metadataBytesMax: number
  /** Milliseconds of silence after which the announcing side sends a ping; 0 for never. */
  readonly heartbeatIntervalMs: number
  /** Milliseconds of silence after its ping until the announcing side closes the connection. */
  readonly heartbeatTimeoutMs: number
  /** Items that an upload may send before it gets credit. */
  readonly uploadItems: number
  /** Bytes that an upload may send before it gets credit. */
  readonly uploadBytes: number
  /**
   * Bytes of session envelopes that the announcing side keeps until they are acknowledged; 0 if it resumes no
   * session.
   */
  readonly resumeBytes: number
  /** Milliseconds for which the announcing side keeps a session without a connection. */
  readonly resumeWindowMs: number
}

interface SettingRule {
  readonly id: number
  readonly value: number
  readonly min: number
  readonly max: number
}

const { frameBytesFloor, frameBytesCeiling, varintMax } = envelopeLimits

/** The id, default (`value`) and range of every setting of version 1. Ids and defaults never change. */
export const settingRules: Readonly<Record<keyof PeerSettings, SettingRule>> = {
  frameBytesMax: { id: 1, value: 1024 * 1024, min: frameBytesFloor, max: frameBytesCeiling },
  bodyBytesMax: { id: 2, value: 1024 * 1024, min: 1, max: varintMax },
  bodiesPartialBytesMax: { id: 3, value: 8 * 1024 * 1024, min: 1, max: varintMax },
  callsInFlightMax: { id: 4, value: 256, min: 0, max: varintMax },
  metadataEntriesMax: { id: 5, value: defaultMetadataLimits.metadataEntriesMax, min: 0, max: varintMax },
  metadataBytesMax: { id: 6, value: defaultMetadataLimits.metadataBytesMax, min: 0, max: varintMax },
  heartbeatIntervalMs: { id: 7, value: 15_000, min: 0, max: varintMax },
  heartbeatTimeoutMs: { id: 8, value: 20_000, min: 1, max: varintMax },
  uploadItems: { id: 9, value: 16, min: 0, max: varintMax },
  uploadBytes: { id: 10, value: 64 * 1024, min: 0, max: varintMax },
  resumeBytes: { id: 11, value: 0, min: 0, max: varintMax },
  resumeWindowMs: { id: 12, value: 0, min: 0, max: varintMax },
}

const entries = Object.entries(settingRules) as [keyof PeerSettings, SettingRule][]
const namesById: ReadonlyMap<number, keyof PeerSettings> = new Map(
  entries.map(([name, { id }]) => [id, name]),
)

/** Describes what is wrong with a value; undefined for a valid one, and for an unknown setting. */
export function settingProblem([id, value]: Setting): string | undefined {
  const name = namesById.get(id)
  if (name === undefined) return undefined
  const { min, max } = settingRules[name]
  return value >= min && value <= max ? undefined : `${name} is ${value}, not ${min} to ${max}`
}

/** The settings that differ from their defaults. */
export function settingsToSend(settings: PeerSettings): Setting[] {
  return entries
    .filter(([name, { value }]) => settings[name] !== value)
    .map(([name, { id }]) => [id, settings[name]])
}

/** Returns the peer's settings, with defaults for those that it left out. */
export function settingsOf(sent: readonly Setting[]): PeerSettings {
  const settings = Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
  for (const [id, value] of sent) {
    const name = namesById.get(id)
    if (name !== undefined) settings[name] = value
  }
  return settings as unknown as PeerSettings
}

/** Returns an id that is never assigned, for a number from 0 on: 31 n + 27. */
export function greaseSettingId(n: number): number {
  return 31 * n + 27
}
