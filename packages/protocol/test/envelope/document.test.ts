import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  decodeEnvelope,
  encodeEnvelope,
  envelopeKinds,
  envelopeLimits,
  settingRules,
} from '../../src/envelope/index.ts'
import { defaultSessionLimits } from '../../src/session/index.ts'
import { bytesOf, hexOf } from '../support/vectors.ts'

const document = readFileSync(new URL('../../../../docs/wire-protocol.md', import.meta.url), 'utf8')

const blocks = [...document.matchAll(/^```hex (\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
  kind: match[1] ?? '',
  lines: (match[2] ?? '').trimEnd().split('\n'),
}))

/** The hex pairs of a line, before its comment, which begins with two spaces. */
function lineHex(line: string): string {
  const [hex = ''] = line.split('  ')
  expect(hex, line).toMatch(/^[0-9a-f]{2}( [0-9a-f]{2})*$/)
  return hex.replaceAll(' ', '')
}

describe('the hex blocks of docs/wire-protocol.md', () => {
  it('show every kind once', () => {
    expect(blocks.map(({ kind }) => kind).sort()).toEqual(Object.keys(envelopeKinds).sort())
  })

  it.each(blocks)('the $kind is valid, and the codec encodes it to the same bytes', ({ kind, lines }) => {
    const hex = lines.map(lineHex).join('')
    const envelope = decodeEnvelope(bytesOf(hex))
    expect(envelope.kind).toBe(kind)
    if (envelope.kind === 'ignorable') return
    const { header, body } = encodeEnvelope(envelope)
    expect(hexOf(header, body)).toBe(hex)
  })

  it.each(blocks)('the comments of the $kind quote only text that the bytes contain', ({ lines }) => {
    const text = (hex: string) => Buffer.from(hex, 'hex').toString('latin1')
    const whole = lines.map((line) => text(lineHex(line))).join('')
    for (const line of lines) {
      for (const [, quoted] of line.slice(line.indexOf('  ')).matchAll(/"([^"]+)"(?!:)/g)) {
        if (!/[{}]/.test(line.slice(line.indexOf('  ')))) expect(whole).toContain(quoted)
      }
    }
  })
})

describe('the tables of docs/wire-protocol.md', () => {
  it.each(Object.entries(envelopeKinds))('list the kind %s with its code', (kind, code) => {
    expect(document).toContain(`| ${kind} | \`${code.toString(16).padStart(2, '0')}\` |`)
  })

  it.each(Object.entries(settingRules))(
    'list the setting %s with its id and default',
    (name, { id, value }) => {
      expect(document).toContain(`| ${id} | \`${name}\` | ${value} |`)
    },
  )

  it('state the limits of the code', () => {
    expect(envelopeLimits).toMatchObject({
      nameBytesMax: 1024,
      topicBytesMax: 4096,
      codeBytesMax: 128,
      textBytesMax: 1024,
      fingerprintBytesMax: 128,
      contractNameBytesMax: 128,
      contractHashBytesMax: 32,
      contractsMax: 64,
      settingsMax: 64,
      extensionsMax: 16,
      extensionsBytesMax: 1024,
      codecsMax: 16,
      sessionIdBytesMax: 64,
      secretBytesMin: 16,
      secretBytesMax: 64,
      logIdBytesMax: 32,
      frameBytesFloor: 4096,
      frameBytesCeiling: 2 ** 30 - 1,
    })
    expect(defaultSessionLimits).toMatchObject({
      frameBytesMax: 1_048_576,
      bodyBytesMax: 1_048_576,
      bodiesPartialBytesMax: 8_388_608,
      handlerStopMs: 5_000,
      uploadItems: 16,
      uploadBytes: 65_536,
      callsInFlightMax: 256,
      metadataEntriesMax: 64,
      metadataBytesMax: 8_192,
      helloTimeoutMs: 10_000,
      helloBytesMax: 65_536,
      heartbeatIntervalMs: 15_000,
      heartbeatTimeoutMs: 20_000,
      pingsBurstMax: 100,
      closeGraceMs: 5_000,
      closeLingerMs: 1_000,
      answerBytesQueuedMax: 1_048_576,
      stalledTimeoutMs: 60_000,
    })
  })
})
