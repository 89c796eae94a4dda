import { contract, event, procedure } from '@frameport/protocol'
import { outlinesOf } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeContract } from '../../src/call/describe-contract.ts'
import { unknownEvent, unknownProcedure } from '../../src/handlers/unknown-procedure.ts'
import { ServerError } from '../../src/server-error.ts'

const fingerprints = { put: 'f1' }
const eventFingerprints = { line: 'f2' }
const contracts = [
  { name: 'chat', version: 2, hash: 'a', fingerprints, eventFingerprints, clientFingerprints: {} },
  { name: 'chat', version: 3, hash: 'b', fingerprints: {}, eventFingerprints: {}, clientFingerprints: {} },
  { name: 'shop', version: 1, hash: 'c', fingerprints: {}, eventFingerprints: {}, clientFingerprints: {} },
]
const procedures = () => ['chat@2/put', 'chat@2/files.list', 'shop@1/buy']
const textFor = (name: string, mayHint = true) =>
  unknownProcedure(name, { announcements: contracts, procedures, mayHint: () => mayHint })

describe('An unknown procedure', () => {
  it.each([
    ['chat@2/pit', ' Did you mean chat@2/put?'],
    ['chat@1/put', ' It serves chat in version 2, 3: client and server have different versions of it.'],
    ['chat@23/put', ' It serves chat in version 2, 3: client and server have different versions of it.'],
    ['shop@2/buy', ' It serves shop in version 1: client and server have different versions of it.'],
    ['a/chat@1/put', ' Did you mean chat@2/put?'],
    ['completely/else', ''],
    ['other@1/completely.else', ''],
    ['x chat@1/put.something.else.altogether', ''],
    ['', ''],
  ])('%j is refused with UNIMPLEMENTED and the hint %j', (name, hint) => {
    const { code, message } = textFor(name)
    expect([code, message]).toEqual([
      'UNIMPLEMENTED',
      `This server has no procedure ${JSON.stringify(name)}.${hint}`,
    ])
  })

  it('is refused without a hint after too many hints, and a long name is shortened', () => {
    expect(textFor('chat@1/put', false).message).toBe('This server has no procedure "chat@1/put".')
    expect(textFor('x'.repeat(500), false).message.length).toBeLessThan(130)
  })
})

describe('An unknown event', () => {
  it.each([
    [
      'chat@1/line',
      true,
      ' It serves chat in version 2, 3: client and server have different versions of it.',
    ],
    ['chat@1/line', false, ''],
    ['chat@2/lime', true, ''],
    ['other@1/line', true, ''],
  ])('%j is refused with UNIMPLEMENTED; hints are allowed: %j; the hint is %j', (name, mayHint, hint) => {
    const { code, message } = unknownEvent(name, { announcements: contracts, mayHint: () => mayHint })
    expect([code, message]).toEqual([
      'UNIMPLEMENTED',
      `This server has no event ${JSON.stringify(name)}.${hint}`,
    ])
  })
})

describe('The description of a contract', () => {
  const chat = (version: number) =>
    contract('chat', {
      version,
      procedures: { put: procedure({ input: z.object({ text: z.string().max(version) }) }) },
      events: { line: event(z.string()) },
    })
  const served = [chat(2), chat(3)]
  const ask = (value: unknown) => describeContract(served, { kind: 'value', value })

  it.each(served)('has the fingerprints and outlines of version $version', (asked) => {
    const { fingerprints: procedures, eventFingerprints: events } = asked.announcement
    expect(ask({ contract: 'chat', version: asked.version })).toEqual({
      kind: 'value',
      value: {
        contract: 'chat',
        version: asked.version,
        procedures,
        events,
        clientProcedures: {},
        outlines: outlinesOf(asked),
      },
    })
  })

  it.each<[unknown, string]>([
    [{ contract: 'chat', version: 1 }, 'NOT_FOUND'],
    [{ contract: 'chats', version: 2 }, 'NOT_FOUND'],
    [{ contract: 'chat' }, 'INVALID_ARGUMENT'],
    [{ contract: 'chat', version: '2' }, 'INVALID_ARGUMENT'],
    [{ contract: 5, version: 2 }, 'INVALID_ARGUMENT'],
    [{ version: 2 }, 'INVALID_ARGUMENT'],
    ['chat', 'INVALID_ARGUMENT'],
    [null, 'INVALID_ARGUMENT'],
  ])('requested with %j fails with %s', (value, code) => {
    expect(() => ask(value)).toThrow(expect.objectContaining({ code }))
  })

  it('requested with bytes or nothing fails with INVALID_ARGUMENT', () => {
    const bytes = Object.assign(Uint8Array.of(1), { contract: 'chat', version: 2 })
    for (const input of [{ kind: 'raw', bytes, value: { contract: 'chat', version: 2 } }, { kind: 'none' }]) {
      expect(() => describeContract(served, input as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    }
  })
})

describe('The text of a ServerError', () => {
  it.each([
    [undefined, /^This server|^The server|^[A-Z]/],
    ['a detail', /^a detail: [A-Z]/],
    ['did you mean this?', /^did you mean this\? [A-Z]/],
    ['? at the begin', /^\? at the begin: [A-Z]/],
  ])('begins with its detail %j', (detail, text) => {
    const error = new ServerError('SERVER_CLOSED', detail)
    expect(error.message).toMatch(text)
    expect(error.message).not.toContain('undefined')
    expect([error.name, error.code, 'cause' in error]).toEqual(['ServerError', 'SERVER_CLOSED', false])
  })
})
