import { describe, expect, it } from 'vitest'
import { ServerLedger } from '../../src/events/server-ledger.ts'
import { type Subscriber, Subscriptions } from '../../src/events/subscriptions.ts'

type Verdict = ReturnType<Subscriber['deliver']>

/** A topic with one subscriber for each verdict. `sent` is what `eventsSent` of each subscriber returns. */
function topic(verdicts: readonly Verdict[], sent: boolean | Promise<boolean> = true) {
  const subscriptions = new Subscriptions()
  const asked: number[] = []
  const subscribers = verdicts.map<Subscriber>((verdict, index) => ({
    deliver: () => verdict,
    leaveOut: () => undefined,
    sendGap: () => undefined,
    async eventsSent() {
      asked.push(index)
      return sent
    },
  }))
  for (const subscriber of subscribers) subscriptions.add('t', subscriber)
  const publish = (whenSlow: 'block' | 'dropOldest' | 'disconnect') =>
    subscriptions.publish('t', () => ({ whenSlow }) as never)
  return { subscriptions, subscribers, publish, asked }
}

const all: readonly Verdict[] = ['taken', 'waiting', 'leftOut', 'gone', 'leftOut', 'taken']

describe('A publication', () => {
  it('counts the subscribers that it reached, those where it waits, and those without room, but not those that have left', () => {
    const { publish } = topic(all)
    expect(publish('block')).toMatchObject({ reached: 3, waiting: 1, leftOut: 2 })
    expect(publish('dropOldest')).toMatchObject({ reached: 3, waiting: 1, leftOut: 2 })
  })

  it('of an event with whenSlow block waits for subscribers without room, also for those that did not receive it', async () => {
    const { publish, asked } = topic(all)
    expect(await publish('block')).toBe(3)
    expect(asked.toSorted()).toEqual([1, 2, 4])
  })

  it.each(['dropOldest', 'disconnect'] as const)(
    'of an event with whenSlow %s does not wait',
    async (kind) => {
      const { publish, asked } = topic(all, new Promise<boolean>(() => undefined))
      expect([await publish(kind), asked]).toEqual([3, []])
    },
  )

  it('does not count subscribers that left before the event was sent to them', async () => {
    const { publish } = topic(['taken', 'waiting', 'waiting', 'leftOut'], false)
    expect(await publish('block')).toBe(1)
  })

  it('without subscribers is not encoded, and topics without subscribers use no memory', async () => {
    const { subscriptions, subscribers, publish } = topic(['taken', 'taken'])
    expect(subscriptions.topics).toBe(1)
    subscriptions.remove('t', subscribers[0]!)
    subscriptions.remove('t', subscribers[0]!)
    expect([subscriptions.topics, publish('block').reached]).toEqual([1, 1])
    subscriptions.remove('t', subscribers[1]!)
    subscriptions.remove('t', subscribers[1]!)
    subscriptions.remove('other', subscribers[1]!)
    expect(subscriptions.topics).toBe(0)
    const encode = () => {
      throw new Error('encoded')
    }
    expect(await subscriptions.publish('t', encode)).toBe(0)
  })
})

describe('The ledger of a server', () => {
  it('accepts bytes up to its limit, and as many again as are returned', () => {
    const ledger = new ServerLedger(100)
    expect([ledger.take(60), ledger.take(41), ledger.take(40), ledger.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(ledger.counters().bytesWaiting).toBe(100)
    ledger.give(60)
    expect([ledger.take(61), ledger.take(60)]).toEqual([false, true])
    expect(ledger.counters()).toMatchObject({ bytesWaiting: 100, leftOut: 0, slowSubscribers: 0 })
  })

  it('counts events that were left out, and slow subscribers', () => {
    const ledger = new ServerLedger(100)
    ledger.leftOut(3)
    ledger.leftOut(2)
    ledger.slow()
    ledger.slow()
    expect(ledger.counters()).toMatchObject({ bytesWaiting: 0, leftOut: 5, slowSubscribers: 2 })
  })
})
