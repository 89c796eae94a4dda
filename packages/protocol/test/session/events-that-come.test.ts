import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/envelope/index.ts'
import { json, openProbe } from '../support/raw-peer.ts'
import { Recorder, value } from '../support/sessions.ts'

const event = (name: string, more: Partial<Extract<Envelope, { kind: 'event' }>> = {}): Envelope => ({
  kind: 'event',
  event: name,
  topic: '"t"',
  metadata: {},
  body: json('1'),
  ...more,
})

/** A client with these handlers in addition to those of a recorder. */
async function listening(handlers: object, limits = {}) {
  const recorder = Object.assign(new Recorder(), handlers)
  return openProbe('client', { limits }, {}, recorder)
}

describe('a received event', () => {
  it('is decoded and passed on only if its handlers want it', async () => {
    const asked: unknown[] = []
    const { peer, time, recorder } = await listening({
      wantsEvent: (name: string, topic: string) => {
        asked.push([name, topic])
        return name === 'a/wanted'
      },
    })
    peer.send(event('a/other', { body: json('{') }), event('a/wanted'))
    await time.settle()
    expect(asked).toEqual([
      ['a/other', '"t"'],
      ['a/wanted', '"t"'],
    ])
    expect(recorder.events).toEqual([{ event: 'a/wanted', topic: '"t"', body: value(1) }])
    expect([recorder.dropped, recorder.uncaughtErrors]).toEqual([[], []])
  })

  it('is wanted when the answer is no boolean, and the rejection of a promise is reported', async () => {
    const error = new Error('mine')
    const { peer, time, recorder } = await listening({ wantsEvent: () => Promise.reject(error) })
    peer.send(event('a/b'))
    await time.settle()
    expect([recorder.events.length, recorder.uncaughtErrors]).toEqual([1, [error]])
  })

  it.each([
    ['with more metadata than the limit of this side', { metadata: { a: '1', b: '2' } }],
    ['with a longer body than the limit of this side', { body: json(`"${'x'.repeat(99)}"`) }],
    ['with a body that is not JSON', { body: json('{') }],
  ])('%s is dropped, and reported if there is a handler for that', async (_, part) => {
    const limits = { metadataEntriesMax: 1, bodyBytesMax: 100 }
    const told = await listening({}, limits)
    const untold = await listening({ eventDropped: undefined }, limits)
    for (const { peer, time } of [told, untold]) {
      peer.send(event('a/b', part), event('a/next'))
      await time.settle()
    }
    expect(told.recorder.dropped).toMatchObject([{ event: 'a/b', topic: '"t"' }])
    for (const { recorder, session } of [told, untold]) {
      expect(recorder.events.map(({ event: name }) => name)).toEqual(['a/next'])
      expect([recorder.uncaughtErrors, session.state]).toEqual([[], 'open'])
    }
  })

  it('with exactly the maximum of bytes is passed on', async () => {
    const { peer, time, recorder } = await listening({}, { bodyBytesMax: 100 })
    peer.send(event('a/b', { body: json(`"${'x'.repeat(98)}"`) }))
    await time.settle()
    expect(recorder.events).toHaveLength(1)
  })

  it('may be a gap, which is passed on if there is a handler for it', async () => {
    const gaps: unknown[] = []
    const told = await listening({ eventGap: (gap: unknown) => void gaps.push(gap) })
    const untold = await listening({})
    for (const { peer, time } of [told, untold]) {
      peer.send({ kind: 'gap', event: 'a/b', topic: '"t"', events: 3 })
      await time.settle()
    }
    expect(gaps).toEqual([{ event: 'a/b', topic: '"t"', events: 3 }])
    expect([untold.recorder.uncaughtErrors, untold.session.state]).toEqual([[], 'open'])
  })
})
