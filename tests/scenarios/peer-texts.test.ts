import { createClient, safe } from '@frameport/client'
import { contract, event, procedure, RpcError } from '@frameport/protocol'
import type { Envelope, EnvelopeBody } from '@frameport/protocol/envelope'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hello, json, noBody, welcome } from '../support/envelopes.ts'
import { setStage } from './setup.ts'
import { framesOf, type RawPeer, rawPeerOnBytes } from './worlds/raw-peer.ts'
import { memoryWorld } from './worlds/virtual-worlds.ts'

/** ESC, other C0 and C1 controls, line breaks, characters that change the direction, and invisible characters. */
const nasty = '\u001b[2J\u0000\u0007\n\r\u0085\u009b31m\u2028\u202e\u2066\u200b\u200e\ufeff\u00ad\u{e0001}'
const bad = /[\p{Cc}\p{Cs}\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/u

const say = (peer: RawPeer, ...envelopes: Envelope[]) => peer.sendFrames(...framesOf(envelopes))

/**
 * All texts in a value, including errors and their causes. The data of an error are values of the peer and are not
 * checked.
 */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const own = value instanceof Error ? [value.message, value.cause] : []
  const members = Object.entries(value).filter(
    ([name, member]) => name !== 'data' || member?.issues !== undefined,
  )
  return [...own, ...members.flat()].flatMap((part) => textsIn(part, seen))
}

function expectClean(...values: unknown[]): void {
  const texts = textsIn(values)
  expect(texts.filter((text) => bad.test(text))).toEqual([])
  expect(texts.length).toBeGreaterThan(0)
}

const call = (callId: number, procedure: string, body: EnvelopeBody = noBody): Envelope => ({
  kind: 'call',
  callId,
  procedure,
  upload: false,
  metadata: { hint: 'plain' },
  body,
})

describe('The log of a server contains no control character', () => {
  const world = () => memoryWorld({ chunking: 'merged' })

  const sentInSession: readonly [string, readonly Envelope[]][] = [
    ['the name of a procedure', [call(1, `lab@1/${nasty}`)]],
    ['the name of a contract that the server has in another version', [call(1, `lab@7/${nasty}`)]],
    ['a key in metadata', [{ ...call(1, 'lab@1/nothing'), metadata: { [nasty]: nasty } } as Envelope]],
    ['an input that is not JSON', [call(1, 'lab@1/echo', json(`{"text":"${nasty}`))]],
    [
      'an input that does not match its schema',
      [call(1, 'lab@1/fail', json(JSON.stringify({ how: nasty, [nasty]: 1 })))],
    ],
    ['halves of surrogate pairs in an input', [call(1, 'lab@1/fail', json('{"how":"\\ud800","\\udc00":1}'))]],
    [
      'a cancel',
      [
        call(1, 'lab@1/wait', json('{"text":"a"}')),
        { kind: 'cancel', callId: 1, code: `A${nasty}`, text: nasty },
      ],
    ],
    ['an event', [{ kind: 'event', event: `a${nasty}`, topic: nasty, metadata: {}, body: noBody }]],
    [
      'an event that is not JSON',
      [{ kind: 'event', event: `a${nasty}`, topic: nasty, metadata: {}, body: json(nasty) }],
    ],
    ['a subscription', [{ kind: 'subscribe', callId: 1, event: `a${nasty}`, topic: nasty, metadata: {} }]],
    [
      'a request for a description',
      [call(1, 'frameport/describe', json(JSON.stringify({ contract: nasty, version: 1 })))],
    ],
    ['a goaway', [{ kind: 'goaway', code: `A${nasty}`, text: nasty, metadata: {} }]],
    [
      'an answer to no call',
      [
        {
          kind: 'failure',
          callId: 2,
          code: nasty,
          text: nasty,
          maybeExecuted: false,
          metadata: {},
          body: noBody,
        },
      ],
    ],
  ]

  it.each(sentInSession)('of %s', async (_, envelopes) => {
    const stage = setStage(world())
    const peer = await stage.world.connectRaw(stage.server)
    say(peer, hello)
    await stage.world.eventually('it is welcomed', () => peer.payloads.length > 0)
    say(peer, ...envelopes)
    await (stage.world as ReturnType<typeof memoryWorld>).clock.advance(6_000)
    expectClean(stage.log, stage.gone)
    const answers = peer.payloads.map((payload) => new TextDecoder().decode(payload.slice(2)))
    expect(answers.filter((text) => bad.test(text.replace(/\p{Cc}/gu, '')))).toEqual([])
    peer.abort()
    await stage.world.close(stage.server)
  })

  it.each([
    ['credentials that the option context quotes', { ...hello, body: json(JSON.stringify(nasty)) }],
    ['credentials that are not JSON', { ...hello, body: json(nasty) }],
    ['codecs', { ...hello, codecs: [nasty] }],
    [
      'the name of a contract',
      { ...hello, contracts: [{ name: `a${nasty}`, version: 1, roles: 1, hash: Uint8Array.of(1) }] },
    ],
    ['metadata', { ...hello, metadata: { [nasty]: nasty } }],
  ])('of %s in a hello', async (_, sent) => {
    const stage = setStage(world(), {
      context: ({ hello }) => {
        throw new RpcError(
          'UNAUTHENTICATED',
          `nobody is called ${String(hello.auth)} ${JSON.stringify(hello.metadata)}`,
        )
      },
    })
    const peer = await stage.world.connectRaw(stage.server)
    say(peer, sent as Envelope)
    await (stage.world as ReturnType<typeof memoryWorld>).clock.advance(6_000)
    expectClean(stage.log.map(({ text }) => text))
    await stage.world.close(stage.server)
  })
})

const shop = contract('shop', {
  version: 1,
  procedures: {
    price: procedure({
      output: z.record(z.string(), z.number()),
      errors: { GONE: z.object({ a: z.number() }) },
    }),
    prices: procedure({ items: z.number() }),
  },
  events: { sale: event(z.record(z.string(), z.number())) },
})

describe('No error of a client contains a control character', () => {
  const failure = { kind: 'failure', callId: 1, maybeExecuted: false, metadata: {}, body: noBody } as const
  const notJson = json(`{"${nasty}`)
  const notFitting = json(JSON.stringify({ [nasty]: nasty }))

  it.each<[string, readonly Envelope[]]>([
    ['a failure', [welcome, { ...failure, code: `A${nasty}`, text: nasty }]],
    ['a failure with a known code', [welcome, { ...failure, code: 'NOT_FOUND', text: nasty }]],
    [
      'data of a failure that do not match their schema',
      [welcome, { ...failure, code: 'GONE', text: nasty, body: notFitting }],
    ],
    [
      'data of a failure that are not JSON',
      [welcome, { ...failure, code: 'GONE', text: nasty, body: notJson }],
    ],
    ['a result that is not JSON', [welcome, { kind: 'result', callId: 1, metadata: {}, body: notJson }]],
    [
      'a result that does not match its schema',
      [welcome, { kind: 'result', callId: 1, metadata: {}, body: notFitting }],
    ],
    [
      'halves of surrogate pairs',
      [welcome, { kind: 'result', callId: 1, metadata: {}, body: json('{"\\ud800":"\\udfff"}') }],
    ],
    [
      'an event that is not JSON',
      [welcome, { kind: 'event', event: `a${nasty}`, topic: nasty, metadata: {}, body: notJson }],
    ],
    [
      'an event that does not match its schema',
      [welcome, { kind: 'event', event: 'shop@1/sale', topic: '', metadata: {}, body: notFitting }],
    ],
    ['a goaway', [welcome, { kind: 'goaway', code: `A${nasty}`, text: nasty, metadata: {} }]],
    [
      'a goaway with a known code',
      [welcome, { kind: 'goaway', code: 'LIMIT_EXCEEDED', text: nasty, metadata: {} }],
    ],
    ['a goaway before the welcome', [{ kind: 'goaway', code: `A${nasty}`, text: nasty, metadata: {} }]],
    ['a refusal', [{ kind: 'refused', code: `A${nasty}`, text: nasty, metadata: {}, body: noBody }]],
    ['the codec of a welcome', [{ ...welcome, codec: nasty }]],
    [
      'the contracts of a welcome',
      [{ ...welcome, contracts: [{ name: nasty, version: 1, roles: 1, hash: Uint8Array.of(1) }] }],
    ],
    ['a challenge', [{ kind: 'challenge', id: 1, metadata: { [nasty]: nasty }, body: notJson }]],
  ])('of %s', async (_, envelopes) => {
    const clock = createVirtualClock()
    const { a, b } = createMemoryPair({ clock, chunking: 'merged' })
    const told: unknown[] = []
    const client = createClient(shop, a, {
      environment: clock,
      onInvalidEvent: (error) => void told.push(error),
      onUncaught: (error) => void told.push(error),
    })
    client.$on('sale', () => undefined)
    const outcome = safe(client.price())
    void outcome.then(({ error }) => told.push(error))
    void client.$connection.opened().catch((error: unknown) => told.push(error))
    const peer = rawPeerOnBytes(b)
    say(peer, ...envelopes)
    await clock.advance(2_000)
    const closing = client.$close({ graceMs: 0 })
    await clock.advance(10_000)
    await closing
    told.push(await outcome, await client.$connection.closed())
    expectClean(told)
    expect(JSON.stringify(textsIn(told))).not.toMatch(/\\u001b|\\u009b/)
  })
})
