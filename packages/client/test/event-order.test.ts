import { contract, event, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EventListeners } from '../src/events/event-listeners.ts'

const waits = new Map<string, () => void>()
const slow = z
  .string()
  .refine((text) => new Promise<boolean>((resolve) => waits.set(text, () => resolve(true))))
const news = contract('news', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { slow: event(slow), quick: event(z.string()) },
})

function listeners(events: number, bytes = 1_000) {
  const seen: string[] = []
  const overflows: string[] = []
  const made = new EventListeners(news, {
    queuedMax: { events, bytes },
    onUncaught: (error) => void seen.push(String(error)),
    onInvalidEvent: (error) => void seen.push(String(error)),
    onOverflow: (problem) => void overflows.push(problem),
    onGap: () => undefined,
    silence: { listens: () => undefined, settle: () => undefined },
    outage: () => undefined,
    topics: {
      listens: () => Promise.resolve(undefined),
      listensAgain: () => Promise.resolve(undefined),
      left: () => undefined,
    },
  })
  const stop = made.add('slow', [(text: string) => void seen.push(text)])
  made.add('quick', [(text: string) => void seen.push(text)])
  const receive = (name: 'slow' | 'quick', value: string, size = 1) =>
    made.receive({ event: `news@1/${name}`, topic: '', body: { kind: 'value', value } }, size)
  return { seen, receive, overflows, stop, made }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('events with an asynchronous schema', () => {
  it('keep their order, and stay before events that need no waiting', async () => {
    const { seen, receive } = listeners(10)
    receive('slow', 'first')
    receive('quick', 'second')
    receive('slow', 'third')
    await turn()
    expect(seen).toEqual([])
    waits.get('third')?.()
    waits.get('first')?.()
    await turn()
    expect(seen).toEqual(['first', 'second', 'third'])
    receive('quick', 'at once')
    expect(seen.at(-1)).toBe('at once')
  })

  it.each([
    [3, 3, 0],
    [3, 4, 1],
    [3, 50, 47],
  ])('overflow a limit of %i: of %i events, %i are too many', (queuedMax, count, overflowed) => {
    const { receive, overflows } = listeners(queuedMax)
    for (let number = 0; number < count; number++) receive('slow', `${number}`)
    expect(overflows).toHaveLength(overflowed)
  })

  it('have room again once the earlier ones are delivered', async () => {
    const { seen, receive, overflows } = listeners(1)
    for (const text of ['one', 'two']) {
      receive('slow', text)
      waits.get(text)?.()
      await turn()
    }
    expect([seen, overflows]).toEqual([['one', 'two'], []])
  })

  it('keep their order with events that arrive while the last of them waits', async () => {
    const { seen, receive } = listeners(10)
    receive('slow', 'before')
    receive('slow', 'late')
    waits.get('before')?.()
    await turn()
    receive('quick', 'behind')
    await turn()
    expect(seen).toEqual(['before'])
    waits.get('late')?.()
    await turn()
    expect(seen).toEqual(['before', 'late', 'behind'])
  })

  it('are limited by bytes, too: one alone may exceed the limit, and each counts until it is delivered', async () => {
    const { seen, receive, overflows } = listeners(10, 100)
    receive('slow', 'long', 1_000)
    receive('slow', 'left out')
    expect(overflows).toEqual([
      'events of 1000 bytes wait for their validators, and eventBytesQueuedMax is 100',
    ])
    waits.get('long')?.()
    await turn()
    receive('slow', 'half', 50)
    receive('slow', 'other half', 50)
    expect([seen, overflows.length]).toEqual([['long'], 1])
    receive('slow', 'one more')
    expect(overflows.at(-1)).toContain('events of 100 bytes wait')
  })

  it('are not delivered to a listener that was removed before they were validated', async () => {
    const { seen, receive, stop, made } = listeners(10)
    receive('slow', 'too late')
    stop()
    const again: string[] = []
    waits.get('too late')?.()
    await turn()
    made.add('slow', [(text: string) => void again.push(text)])
    await turn()
    expect([seen, again]).toEqual([[], []])
  })

  it('are refused one by one, in order, if they are not valid', async () => {
    const { seen, receive } = listeners(10)
    receive('slow', 'good')
    receive('slow', 5 as never)
    receive('quick', 'after')
    waits.get('good')?.()
    await turn()
    expect(seen).toEqual(['good', expect.stringContaining('the payload of news/slow'), 'after'])
  })
})
