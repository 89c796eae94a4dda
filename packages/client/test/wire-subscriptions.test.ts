import { type ContractEvent, RpcError } from '@frameport/protocol'
import type { LogPosition } from '@frameport/protocol/envelope'
import { describe, expect, it } from 'vitest'
import { ListenedTopic } from '../src/events/listened-topic.ts'
import { WireSubscriptions } from '../src/events/wire-subscriptions.ts'

import { news } from './support/event-listeners.ts'

const of = (about: ContractEvent, topic: string) => new ListenedTopic(about, topic)

describe('a subscription over the wire', () => {
  function wire() {
    const asked: {
      readonly kind: string
      readonly topic: string
      readonly of: number
      readonly position: LogPosition | undefined
      settle(error?: RpcError, begin?: LogPosition): void
    }[] = []
    const refused: unknown[] = []
    const sessions: { state: string }[] = []
    const replace = () => {
      const of = sessions.length
      sessions.push({
        state: 'open',
        changeSubscription(
          { kind, topic, position }: { kind: string; topic: string; position?: LogPosition },
          settle: (error?: RpcError, begin?: LogPosition) => void,
        ) {
          asked.push({ kind, topic, position, of, settle })
          return { id: 2 * asked.length - 1 }
        },
      } as { state: string })
    }
    replace()
    const made = new WireSubscriptions(
      () => sessions.at(-1) as never,
      (_event, error, tell) => tell(error),
      (_event, topic, error) => void refused.push([topic, error.code]),
    )
    return {
      made,
      asked,
      refused,
      sessions,
      replace,
      own: news.eventEntries.get('own')!,
      all: news.eventEntries.get('all')!,
    }
  }

  it('is requested once for a topic, and cancelled once, and never requested for events of handlers', async () => {
    const { made, asked, own, all } = wire()
    await made.listens(of(all, ''))
    made.left(of(all, ''))
    const one = made.listens(of(own, 'a'))
    const two = made.listens(of(own, 'a'))
    expect(two).toBe(one)
    made.listens(of(own, 'b'))
    asked[0]?.settle()
    await one
    made.left(of(own, 'a'))
    made.left(of(own, 'a'))
    expect(asked.map(({ kind, topic }) => [kind, topic])).toEqual([
      ['subscribe', 'a'],
      ['subscribe', 'b'],
      ['unsubscribe', 'a'],
    ])
  })

  it('that was refused is reported, and requested again by the next listener; an old refusal does not end a newer one', async () => {
    const { made, asked, refused, own } = wire()
    const first = made.listens(of(own, 'a'))
    made.left(of(own, 'a'))
    const second = made.listens(of(own, 'a'))
    asked[0]?.settle(new RpcError('PERMISSION_DENIED', 'no'))
    expect(await first).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(made.listens(of(own, 'a'))).toBe(second)
    asked[2]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    expect(await second).toMatchObject({ code: 'UNAVAILABLE' })
    expect(made.listens(of(own, 'a'))).not.toBe(second)
    expect(refused).toEqual([
      ['a', 'PERMISSION_DENIED'],
      ['a', 'UNAVAILABLE'],
    ])
  })

  it('is requested from the next session, whose answer also settles earlier waiters', async () => {
    const { made, asked, refused, sessions, replace, own } = wire()
    const first = made.listens(of(own, 'a'))
    replace()
    const again = made.listensAgain(of(own, 'a'))
    expect([again === first, asked.map(({ of }) => of)]).toEqual([true, [0, 1]])
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    asked[1]?.settle()
    expect([await first, refused]).toEqual([undefined, []])
  })

  it('is requested from the next session whatever the previous one answered, and a refusal is reported', async () => {
    const { made, asked, refused, replace, own, all } = wire()
    const [granted, denied] = [made.listens(of(own, 'a')), made.listens(of(own, 'b'))]
    asked[0]?.settle()
    asked[1]?.settle(new RpcError('PERMISSION_DENIED', 'no'))
    await Promise.all([granted, denied])
    replace()
    const again = [made.listensAgain(of(own, 'a')), made.listensAgain(of(own, 'b'))]
    expect(await made.listensAgain(of(all, ''))).toBeUndefined()
    expect([asked.length, made.listens(of(own, 'a')) === again[0]]).toEqual([4, true])
    asked[2]?.settle(new RpcError('PERMISSION_DENIED', 'not here'))
    asked[3]?.settle()
    expect(await Promise.all(again)).toMatchObject([{ code: 'PERMISSION_DENIED' }, undefined])
    expect(refused).toEqual([
      ['b', 'PERMISSION_DENIED'],
      ['a', 'PERMISSION_DENIED'],
    ])
  })

  it('is requested from the position of its topic, and sets the position if the topic has none', async () => {
    const { made, asked, replace, own } = wire()
    const at = (number: number) => ({ log: Uint8Array.of(1), number })
    const topic = of(own, 'a')
    const first = made.listens(topic)
    asked[0]?.settle(undefined, at(4))
    await first
    expect([asked[0]?.position, topic.position]).toEqual([undefined, at(4)])
    replace()
    void made.listensAgain(topic)
    asked[1]?.settle(undefined, at(9))
    expect([asked[1]?.position, topic.position]).toEqual([at(4), at(4)])
  })

  it('that fails because its session has ended is not reported as refused', async () => {
    const { made, asked, refused, sessions, own } = wire()
    const first = made.listens(of(own, 'a'))
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    expect([(await first)?.code, refused]).toEqual(['UNAVAILABLE', []])
  })

  it('that fails because its session has ended waits for the next one, which gets one request', async () => {
    const { made, asked, refused, sessions, replace, own } = wire()
    const topic = of(own, 'a')
    const first = made.listens(topic)
    replace()
    sessions[0]!.state = 'closed'
    asked[0]?.settle(new RpcError('UNAVAILABLE', 'gone'))
    const again = made.listensAgain(topic)
    expect(asked).toHaveLength(2)
    asked[1]?.settle()
    expect(await Promise.all([first, again])).toEqual([undefined, undefined])
    expect(refused).toEqual([])
  })

  it('that the server has ended is found by its call id, and requested again by the next listener', async () => {
    const { made, asked, own } = wire()
    const a = of(own, 'a')
    const first = made.listens(a)
    made.listens(of(own, 'b'))
    for (const { settle } of asked) settle()
    await first
    expect([made.ended(1), made.ended(1), made.ended(5)]).toEqual([a, undefined, undefined])
    made.left(a)
    expect(asked.map(({ kind }) => kind)).toEqual(['subscribe', 'subscribe'])
    expect(made.listens(of(own, 'a'))).not.toBe(first)
    expect(asked).toHaveLength(3)
  })

  it('that was cancelled and requested again is not ended by a late message for the earlier call', () => {
    const { made, asked, own } = wire()
    made.listens(of(own, 'a'))
    asked[0]?.settle()
    made.left(of(own, 'a'))
    const again = of(own, 'a')
    made.listens(again)
    asked[2]?.settle()
    expect([made.ended(1), made.ended(5)]).toEqual([undefined, again])
  })
})
