import { envelopeLimits } from './envelope-limits.ts'
import { nothingLeft, readBody, readExtensions, readIf, readMetadata, readPositive } from './envelope-tail.ts'
import type { HeaderReader } from './header-reader.ts'
import { contractRolesMax, type EnvelopeKind, flags, helloMagic, withArticle } from './kinds.ts'
import type { HelloEnvelope, LinkEnvelope, SessionTicket, Setting, WireContract } from './link-envelopes.ts'
import { settingProblem } from './settings.ts'

const {
  codeBytesMax,
  textBytesMax,
  codecsMax,
  contractsMax,
  contractNameBytesMax,
  contractHashBytesMax,
  settingsMax,
  sessionIdBytesMax,
  secretBytesMin,
  secretBytesMax,
} = envelopeLimits

/** Reads an envelope of the link after its flags. Members are in wire order. */
export function readLinkEnvelope(kind: EnvelopeKind, bits: number, reader: HeaderReader): LinkEnvelope {
  switch (kind) {
    case 'hello':
      return readHello(reader, bits)
    case 'refused':
      return {
        kind,
        ...readCodeAndText(reader),
        retryAfterMs: readIf(reader, bits, flags.retryAfter, 'retryAfterMs'),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
        body: readBody(reader, bits),
      }
    case 'challenge':
    case 'credentials':
      return {
        kind,
        id: kind === 'challenge' ? readPositive(reader, 'id') : reader.varint('id'),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
        body: readBody(reader, bits),
      }
    default: {
      const envelope = readWithoutBody(kind, bits, reader)
      nothingLeft(reader)
      return envelope
    }
  }
}

function readWithoutBody(kind: EnvelopeKind, bits: number, reader: HeaderReader): LinkEnvelope {
  switch (kind) {
    case 'welcome':
      return readWelcome(reader, bits)
    case 'verdict':
      return {
        kind,
        id: reader.varint('id'),
        refusal: (bits & flags.refused) === 0 ? undefined : readCodeAndText(reader),
        extensions: readExtensions(reader, bits),
      }
    case 'ping':
    case 'pong':
      return {
        kind,
        token: reader.varint('token'),
        received: readIf(reader, bits, flags.received, 'received'),
        extensions: readExtensions(reader, bits),
      }
    case 'ack':
      return { kind, received: reader.varint('received'), extensions: readExtensions(reader, bits) }
    case 'goaway':
      return {
        kind,
        ...readCodeAndText(reader),
        lastCallId: readIf(reader, bits, flags.lastCall, 'lastCallId'),
        retryAfterMs: readIf(reader, bits, flags.retryAfter, 'retryAfterMs'),
        extensions: readExtensions(reader, bits),
        metadata: readMetadata(reader, bits),
      }
    default:
      throw reader.malformed('kind', `${withArticle(kind)} is not a link envelope`)
  }
}

function readHello(reader: HeaderReader, bits: number): HelloEnvelope {
  const magic = reader.take('magic', helloMagic.length)
  if (helloMagic.some((byte, index) => magic[index] !== byte)) {
    throw reader.malformed('magic', 'it is not "FRPT"')
  }
  const versionMin = reader.varint('versionMin')
  const versionMax = reader.varint('versionMax')
  if (versionMin === 0 || versionMax < versionMin) {
    throw reader.malformed('versions', `${versionMin} to ${versionMax} is not a range from 1 on`)
  }
  return {
    kind: 'hello',
    versionMin,
    versionMax,
    codecs: readList(reader, 'codecs', codecsMax, () => reader.text('codec', codeBytesMax, 1)),
    settings: readSettings(reader),
    contracts: readContracts(reader),
    resume: (bits & flags.resume) === 0 ? undefined : readResume(reader),
    extensions: readExtensions(reader, bits),
    metadata: readMetadata(reader, bits),
    body: readBody(reader, bits),
  }
}

function readWelcome(reader: HeaderReader, bits: number): LinkEnvelope {
  const hasSession = (bits & flags.session) !== 0
  if (!hasSession && (bits & flags.resumed) !== 0)
    throw reader.malformed('flags', 'a resumed session has no id')
  return {
    kind: 'welcome',
    version: readPositive(reader, 'version'),
    codec: reader.text('codec', codeBytesMax, 1),
    settings: readSettings(reader),
    contracts: readContracts(reader),
    session: hasSession ? readTicket(reader) : undefined,
    received: readIf(reader, bits, flags.resumed, 'received'),
    extensions: readExtensions(reader, bits),
    metadata: readMetadata(reader, bits),
  }
}

function readCodeAndText(reader: HeaderReader): { readonly code: string; readonly text: string } {
  const code = reader.text('code', codeBytesMax, 1)
  return { code, text: reader.text('text', textBytesMax) }
}

function readTicket(reader: HeaderReader): SessionTicket {
  const session = reader.blob('session', sessionIdBytesMax, 1)
  return { session, secret: reader.blob('secret', secretBytesMax, secretBytesMin) }
}

function readResume(reader: HeaderReader): NonNullable<HelloEnvelope['resume']> {
  const { session, secret } = readTicket(reader)
  return { session, secret, received: reader.varint('received') }
}

function readSettings(reader: HeaderReader): Setting[] {
  const seen = new Set<number>()
  return readList(reader, 'settings', settingsMax, () => {
    const id = reader.varint('setting id')
    if (seen.has(id)) throw reader.malformed('setting id', `${id} is repeated`)
    seen.add(id)
    const setting: Setting = [id, reader.varint('setting')]
    const problem = settingProblem(setting)
    if (problem !== undefined) throw reader.malformed('setting', problem)
    return setting
  })
}

function readContracts(reader: HeaderReader): WireContract[] {
  const seen = new Set<string>()
  return readList(reader, 'contracts', contractsMax, () => {
    const name = reader.text('contract name', contractNameBytesMax, 1)
    const version = readPositive(reader, 'contract version')
    const key = `${name}@${version}`
    if (seen.has(key)) throw reader.malformed('contract', `${JSON.stringify(key)} is repeated`)
    seen.add(key)
    const roles = reader.byte('roles')
    if (roles === 0 || roles > contractRolesMax) throw reader.malformed('roles', `${roles} is not 1, 2 or 3`)
    return { name, version, roles, hash: reader.blob('hash', contractHashBytesMax, 1) }
  })
}

function readList<T>(reader: HeaderReader, field: string, max: number, readOne: () => T): T[] {
  const count = reader.count(field, max)
  const list: T[] = []
  for (let index = 0; index < count; index += 1) list.push(readOne())
  return list
}
