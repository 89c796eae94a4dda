import { expect, it } from 'vitest'
import { emptyBody, encodeBody } from '../../src/envelope/codec.ts'
import { noMetadata } from '../../src/envelope/envelope-parts.ts'
import type { HelloEnvelope, Setting, WireContract } from '../../src/envelope/link-envelopes.ts'
import { settingRules } from '../../src/envelope/settings.ts'
import { peerInfo } from '../../src/session/link/greeting.ts'

const chat: WireContract = { name: 'chat', version: 1, roles: 1, hash: Uint8Array.of(1, 2) }
const house: WireContract = { ...chat, name: 'house' }
const bodies = (bytes: number): Setting => [settingRules.bodyBytesMax.id, bytes]

function said(contracts: readonly WireContract[], settings: readonly Setting[] = [bodies(5000)]) {
  const hello: HelloEnvelope = {
    kind: 'hello',
    versionMin: 1,
    versionMax: 1,
    codecs: ['json'],
    settings: [...settings],
    contracts: [...contracts],
    resume: undefined,
    metadata: noMetadata,
    body: encodeBody(emptyBody),
  }
  return peerInfo(hello)
}

it('equal announcements of peers are kept once', () => {
  const first = said([chat, house])
  const second = said([chat, house])
  expect(second.settings).toBe(first.settings)
  expect(second.contracts).toBe(first.contracts)
})

it.each<[string, readonly WireContract[]]>([
  ['another hash', [{ ...chat, hash: Uint8Array.of(1, 3) }, house]],
  ['another version', [chat, { ...house, version: 2 }]],
  ['another role', [{ ...chat, roles: 2 }, house]],
  ['another order', [house, chat]],
  ['an additional contract', [chat, house, { ...chat, version: 2 }]],
  ['one contract fewer', [chat]],
])('a peer that announces %s has its own contracts', (_, contracts) => {
  const before = said([chat, house])
  const { contracts: own, settings } = said(contracts)
  expect(own.map(({ name, version, hash }) => [name, version, hash])).toEqual(
    contracts.map(({ name, version, hash }) => [name, version, Buffer.from(hash).toString('hex')]),
  )
  expect(own).not.toEqual(before.contracts)
  expect(settings).toBe(before.settings)
})

it('a peer with another limit has its own settings', () => {
  const before = said([chat])
  const { settings, contracts } = said([chat], [bodies(6000)])
  expect([before.settings.bodyBytesMax, settings.bodyBytesMax]).toEqual([5000, 6000])
  expect(contracts).toBe(before.contracts)
})

it('shared announcements are frozen', () => {
  const { settings, contracts } = said([chat])
  expect([settings, contracts, contracts[0]].every((shared) => Object.isFrozen(shared))).toBe(true)
})
