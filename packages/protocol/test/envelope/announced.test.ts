import { describe, expect, it } from 'vitest'
import { announcedContract, wireContract } from '../../src/envelope/contract-announcement.ts'
import { defaultMetadataLimits } from '../../src/envelope/envelope-limits.ts'
import { type PeerSettings, settingRules } from '../../src/envelope/index.ts'
import { greaseSettingId, settingProblem, settingsOf, settingsToSend } from '../../src/envelope/settings.ts'

const defaults = Object.fromEntries(
  Object.entries(settingRules).map(([name, { value }]) => [name, value]),
) as unknown as PeerSettings
const names = Object.keys(settingRules) as (keyof PeerSettings)[]

describe('settings', () => {
  it('are sent only where they differ from their defaults, in the order of their ids', () => {
    expect(settingsToSend(defaults)).toEqual([])
    expect(settingsToSend({ ...defaults, uploadItems: 5, frameBytesMax: 9_999 })).toEqual([
      [1, 9_999],
      [9, 5],
    ])
  })

  it.each(names)('arrive as they were sent: %s, with the defaults of all others', (name) => {
    const settings = { ...defaults, [name]: defaults[name] + 1 }
    expect(settingsOf(settingsToSend(settings))).toEqual(settings)
  })

  it('that are unknown are ignored, and have no invalid values', () => {
    expect(settingsOf([[99, 5]])).toEqual(defaults)
    expect(settingProblem([99, 2 ** 53 - 1])).toBeUndefined()
  })

  it.each(names)('have a range: %s at both ends of it, and outside', (name) => {
    const { id, min, max } = settingRules[name]
    expect([settingProblem([id, min]), settingProblem([id, max])]).toEqual([undefined, undefined])
    for (const beyond of [min - 1, max + 1]) {
      expect(settingProblem([id, beyond])).toBe(`${name} is ${beyond}, not ${min} to ${max}`)
    }
  })

  it('have the ranges that the document states', () => {
    const ranges = Object.fromEntries(
      names.map((name) => [name, [settingRules[name].min, settingRules[name].max]]),
    )
    const all = Number.MAX_SAFE_INTEGER
    expect(ranges).toEqual({
      frameBytesMax: [4096, 2 ** 30 - 1],
      bodyBytesMax: [1, all],
      bodiesPartialBytesMax: [1, all],
      callsInFlightMax: [0, all],
      metadataEntriesMax: [0, all],
      metadataBytesMax: [0, all],
      heartbeatIntervalMs: [0, all],
      heartbeatTimeoutMs: [1, all],
      uploadItems: [0, all],
      uploadBytes: [0, all],
      resumeBytes: [0, all],
      resumeWindowMs: [0, all],
    })
    expect(defaultMetadataLimits).toEqual({ metadataEntriesMax: 64, metadataBytesMax: 8192 })
  })

  it('without a meaning have reserved ids', () => {
    expect([greaseSettingId(0), greaseSettingId(1), greaseSettingId(2)]).toEqual([27, 58, 89])
  })
})

describe('a contract', () => {
  const announced = {
    name: 'chat',
    version: 2,
    fingerprints: {},
    eventFingerprints: {},
    clientFingerprints: {},
    hash: '00ff0a',
  }

  it.each([
    ['serves', 1],
    ['calls', 2],
  ] as const)('is announced by the side that %s it', (role, roles) => {
    const wire = wireContract(announced, role)
    expect(wire).toEqual({ name: 'chat', version: 2, roles, hash: Uint8Array.of(0, 255, 10) })
    expect(announcedContract(wire)).toEqual({
      name: 'chat',
      version: 2,
      serves: role === 'serves',
      calls: role === 'calls',
      hash: '00ff0a',
    })
  })

  it('may be served and called by the same peer', () => {
    const wire = { name: 'a', version: 1, roles: 3, hash: Uint8Array.of(1) }
    expect(announcedContract(wire)).toMatchObject({ serves: true, calls: true, hash: '01' })
  })

  it('without a hash has an empty one on the wire', () => {
    expect(wireContract({ ...announced, hash: '' }, 'serves').hash).toEqual(new Uint8Array(0))
  })
})
