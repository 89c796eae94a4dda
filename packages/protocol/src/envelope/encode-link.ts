import { ProtocolError } from '../protocol-error.ts'
import { envelopeLimits } from './envelope-limits.ts'
import type { HeaderWriter } from './header-writer.ts'
import { contractRolesMax, helloMagic } from './kinds.ts'
import type { LinkEnvelope, SessionTicket, Setting, WireContract } from './link-envelopes.ts'
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

const magic = Uint8Array.from(helloMagic)

/** Writes the fields of an envelope of the link: the bytes between its flags and its extensions. */
export function writeLinkFields(writer: HeaderWriter, envelope: LinkEnvelope): void {
  switch (envelope.kind) {
    case 'hello':
      checkVersions(envelope)
      writer.bytes(magic)
      writer.varint('versionMin', envelope.versionMin)
      writer.varint('versionMax', envelope.versionMax)
      writer.count('codecs', envelope.codecs.length, codecsMax)
      for (const codec of envelope.codecs) writer.text('codec', codec, codeBytesMax, 1)
      writeSettings(writer, envelope.settings)
      writeContracts(writer, envelope.contracts)
      if (envelope.resume !== undefined) {
        writeTicket(writer, envelope.resume)
        writer.varint('received', envelope.resume.received)
      }
      return
    case 'welcome':
      if (envelope.received !== undefined && envelope.session === undefined)
        throw new ProtocolError('INVALID_FIELD', 'received: a resumed session has no id')
      writer.varint('version', positive('version', envelope.version))
      writer.text('codec', envelope.codec, codeBytesMax, 1)
      writeSettings(writer, envelope.settings)
      writeContracts(writer, envelope.contracts)
      if (envelope.session !== undefined) writeTicket(writer, envelope.session)
      if (envelope.received !== undefined) writer.varint('received', envelope.received)
      return
    case 'refused':
      writeCodeAndText(writer, envelope)
      if (envelope.retryAfterMs !== undefined) writer.varint('retryAfterMs', envelope.retryAfterMs)
      return
    case 'challenge':
      writer.varint('id', positive('id', envelope.id))
      return
    case 'credentials':
      writer.varint('id', envelope.id)
      return
    case 'verdict':
      writer.varint('id', envelope.id)
      if (envelope.refusal !== undefined) writeCodeAndText(writer, envelope.refusal)
      return
    case 'ping':
    case 'pong':
      writer.varint('token', envelope.token)
      if (envelope.received !== undefined) writer.varint('received', envelope.received)
      return
    case 'ack':
      writer.varint('received', envelope.received)
      return
    case 'goaway':
      writeCodeAndText(writer, envelope)
      if (envelope.lastCallId !== undefined) writer.varint('lastCallId', envelope.lastCallId)
      if (envelope.retryAfterMs !== undefined) writer.varint('retryAfterMs', envelope.retryAfterMs)
      return
  }
}

function checkVersions({ versionMin, versionMax }: { versionMin: number; versionMax: number }): void {
  if (versionMin < 1 || versionMax < versionMin)
    throw new ProtocolError(
      'INVALID_FIELD',
      `versions: ${versionMin} to ${versionMax} is not a range from 1 on`,
    )
}

function writeCodeAndText(
  writer: HeaderWriter,
  { code, text }: { readonly code: string; readonly text: string },
): void {
  writer.text('code', code, codeBytesMax, 1)
  writer.text('text', text, textBytesMax)
}

function writeSettings(writer: HeaderWriter, settings: readonly Setting[]): void {
  writer.count('settings', settings.length, settingsMax)
  const seen = new Set<number>()
  for (const [id, value] of settings) {
    const problem = seen.has(id) ? `the id ${id} is repeated` : settingProblem([id, value])
    if (problem !== undefined) throw new ProtocolError('INVALID_FIELD', `settings: ${problem}`)
    seen.add(id)
    writer.varint('setting id', id)
    writer.varint('setting', value)
  }
}

function writeContracts(writer: HeaderWriter, contracts: readonly WireContract[]): void {
  writer.count('contracts', contracts.length, contractsMax)
  const seen = new Set<string>()
  for (const { name, version, roles, hash } of contracts) {
    const key = `${name}@${version}`
    if (seen.has(key)) throw new ProtocolError('INVALID_FIELD', `contracts: ${key} is repeated`)
    seen.add(key)
    writer.text('contract name', name, contractNameBytesMax, 1)
    writer.varint('contract version', positive('contract version', version))
    if (!Number.isInteger(roles) || roles < 1 || roles > contractRolesMax)
      throw new ProtocolError('INVALID_FIELD', `roles of ${key} is ${roles}, not 1, 2 or 3`)
    writer.byte(roles)
    writer.blob('hash', hash, contractHashBytesMax, 1)
  }
}

function writeTicket(writer: HeaderWriter, { session, secret }: SessionTicket): void {
  writer.blob('session', session, sessionIdBytesMax, 1)
  writer.blob('secret', secret, secretBytesMax, secretBytesMin)
}

function positive(field: string, value: number): number {
  if (value === 0) throw new ProtocolError('INVALID_FIELD', `${field} is 0: it counts from 1`)
  return value
}
