import type { AnnouncedLimits, ContractAnnouncement } from './envelope.ts'
import { envelopeLimits } from './envelope-limits.ts'
import type { HeaderReader } from './header-reader.ts'
import type { HeaderWriter } from './header-writer.ts'

const limitFields = [
  'frameBytesMax',
  'bodyBytesMax',
  'callsInFlightMax',
  'metadataEntriesMax',
  'metadataBytesMax',
  'heartbeatIntervalMs',
  'heartbeatTimeoutMs',
] as const

export function writeLimits(writer: HeaderWriter, limits: AnnouncedLimits): void {
  for (const field of limitFields) writer.varint(field, limits[field])
}

export function readLimits(reader: HeaderReader): AnnouncedLimits {
  const frameBytesMax = reader.varint('frameBytesMax')
  if (frameBytesMax < envelopeLimits.frameBytesFloor) {
    throw reader.malformed('frameBytesMax', `${frameBytesMax} is below ${envelopeLimits.frameBytesFloor}`)
  }
  return {
    frameBytesMax,
    bodyBytesMax: reader.varint('bodyBytesMax'),
    callsInFlightMax: reader.varint('callsInFlightMax'),
    metadataEntriesMax: reader.varint('metadataEntriesMax'),
    metadataBytesMax: reader.varint('metadataBytesMax'),
    heartbeatIntervalMs: reader.varint('heartbeatIntervalMs'),
    heartbeatTimeoutMs: reader.varint('heartbeatTimeoutMs'),
  }
}

export function writeContracts(writer: HeaderWriter, contracts: readonly ContractAnnouncement[]): void {
  writer.count('contracts', contracts.length, envelopeLimits.contractsMax)
  for (const contract of contracts) {
    writer.text('contract name', contract.name, envelopeLimits.nameBytesMax, 1)
    writer.varint('contract version', contract.version)
    const fingerprints = Object.entries(contract.fingerprints)
    writer.count('fingerprints', fingerprints.length, envelopeLimits.fingerprintsMax)
    for (const [path, fingerprint] of fingerprints) {
      writer.text('procedure path', path, envelopeLimits.nameBytesMax, 1)
      writer.text('fingerprint', fingerprint, envelopeLimits.fingerprintBytesMax)
    }
  }
}

export function readContracts(reader: HeaderReader): ContractAnnouncement[] {
  const count = reader.count('contracts', envelopeLimits.contractsMax)
  const contracts: ContractAnnouncement[] = []
  const names = new Set<string>()
  for (let index = 0; index < count; index += 1) {
    const name = reader.text('contract name', envelopeLimits.nameBytesMax, 1)
    if (names.has(name)) throw reader.malformed('contract name', `${JSON.stringify(name)} comes twice`)
    names.add(name)
    const version = reader.varint('contract version')
    contracts.push({ name, version, fingerprints: readFingerprints(reader) })
  }
  return contracts
}

function readFingerprints(reader: HeaderReader): Record<string, string> {
  const count = reader.count('fingerprints', envelopeLimits.fingerprintsMax)
  const fingerprints: Record<string, string> = Object.create(null)
  for (let index = 0; index < count; index += 1) {
    const path = reader.text('procedure path', envelopeLimits.nameBytesMax, 1)
    if (path in fingerprints) throw reader.malformed('procedure path', `${JSON.stringify(path)} comes twice`)
    fingerprints[path] = reader.text('fingerprint', envelopeLimits.fingerprintBytesMax)
  }
  return fingerprints
}
