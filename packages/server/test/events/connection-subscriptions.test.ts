import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { ConnectionSubscriptions } from '../../src/events/connection-subscriptions.ts'
import { type Subscriber, Subscriptions } from '../../src/events/subscriptions.ts'

/** The subscriptions of one connection, and the memory that they take. */
function connection(max = 3, bytesMax = Number.POSITIVE_INFINITY) {
  const all = new Subscriptions()
  const memory = { bytes: 0 }
  const subscriber: Subscriber = {
    deliver: () => 'taken',
    leaveOut: () => undefined,
    sendGap: () => undefined,
    eventsSent: async () => true,
  }
  const made = new ConnectionSubscriptions(subscriber, all, max, {
    takeMemory(bytes) {
      if (memory.bytes + bytes > bytesMax) return new RpcError('RESOURCE_EXHAUSTED', 'no memory')
      memory.bytes += bytes
      return undefined
    },
    giveMemory(bytes) {
      memory.bytes -= bytes
    },
  })
  const reached = (key: string) => all.publish(key, () => ({ whenSlow: 'block' }) as never).reached
  return { made, all, memory, reached }
}
/** A request that still waits for its answer. */
const asking = { id: 7, signal: new AbortController().signal }
/** The client subscribes, and the server allows it immediately. */
function subscribe(made: ConnectionSubscriptions, key: string, id = 7): void {
  const decision = made.decide(key, { ...asking, id })
  decision.subscribe()
  decision.end()
}
const tooMany = expect.objectContaining({
  code: 'RESOURCE_EXHAUSTED',
  message: expect.stringContaining('3 topics'),
})

describe('The subscriptions of a connection', () => {
  it('count a topic once for clients and handlers, until both have unsubscribed', () => {
    const { made, reached, all } = connection()
    made.add('a')
    made.add('a')
    subscribe(made, 'a')
    expect([made.size, made.has('a', 'handlers'), made.has('a', 'clients'), reached('a')]).toEqual([
      1,
      true,
      true,
      1,
    ])
    made.remove('a', 'handlers')
    expect([made.size, made.has('a', 'handlers'), made.has('a', 'clients'), reached('a')]).toEqual([
      1,
      false,
      true,
      1,
    ])
    made.remove('a', 'clients')
    made.remove('a', 'clients')
    made.remove('b', 'handlers')
    expect([made.size, made.has('a', 'clients'), reached('a'), all.topics]).toEqual([0, false, 0, 0])
  })

  it('are made once if the client asks twice before the first answer', () => {
    const { made, all, reached } = connection()
    const ended: string[] = []
    const inPlace = (name: string) => ({
      deliver: () => 'taken' as const,
      leaveOut: () => undefined,
      sendGap: () => undefined,
      eventsSent: async () => true,
      end: () => {
        ended.push(name)
      },
    })
    const decisions = [made.decide('a', asking), made.decide('a', asking)]
    expect(decisions.map((decision, index) => decision.subscribe(inPlace(`${index}`)))).toEqual([true, false])
    for (const decision of decisions) decision.end()
    expect([made.size, reached('a')]).toEqual([1, 1])
    made.clear()
    expect([all.topics, ended]).toEqual([0, ['0']])
  })

  it('take memory according to the lengths of their topics, once for each topic, and return it', () => {
    const { made, memory } = connection()
    made.add('12345')
    expect(memory.bytes).toBe(266)
    subscribe(made, '12345')
    subscribe(made, '1')
    expect(memory.bytes).toBe(266 + 258)
    made.remove('12345', 'handlers')
    expect(memory.bytes).toBe(266 + 258)
    made.remove('12345', 'clients')
    made.remove('12345', 'clients')
    expect(memory.bytes).toBe(258)
    made.clear()
    expect(memory.bytes).toBe(0)
  })

  it('are refused without memory, and leave nothing behind', () => {
    const { made, reached, memory, all } = connection(3, 300)
    made.add('a')
    expect(() => made.add('b')).toThrow('no memory')
    expect([made.size, reached('b'), memory.bytes, all.topics]).toEqual([1, 0, 258, 1])
  })

  it('are limited in number, including those that wait for a decision', () => {
    const { made } = connection()
    made.add('a')
    const decisions = [made.decide('b', asking), made.decide('c', asking)]
    expect(() => made.decide('d', asking)).toThrow(tooMany)
    decisions.push(made.decide('b', asking), made.decide('a', asking))
    decisions[0]?.subscribe()
    decisions[0]?.end()
    expect(() => made.decide('d', asking)).toThrow(tooMany)
    for (const decision of decisions) decision.end()
    made.decide('d', asking).end()
    made.add('c')
    expect(() => made.add('d')).toThrow(tooMany)
    subscribe(made, 'c')
    expect(made.size).toBe(3)
  })

  it('are not made if the client unsubscribed while the server decided, but by a later decision', () => {
    const { made } = connection()
    const first = made.decide('a', asking)
    made.remove('a', 'clients')
    const second = made.decide('a', asking)
    first.subscribe()
    first.end()
    expect(made.size).toBe(0)
    second.subscribe()
    second.end()
    expect([made.size, made.has('a', 'clients')]).toEqual([1, true])
  })

  it('abort the signal of a decision when the client unsubscribes, cancels the request or disconnects', () => {
    const { made } = connection()
    const request = new AbortController()
    const [taken, cancelled, gone] = [
      made.decide('a', asking),
      made.decide('b', { id: 9, signal: request.signal }),
      made.decide('c', asking),
    ]
    const aborted = () => [taken, cancelled, gone].map((decision) => decision?.signal.aborted)
    expect(aborted()).toEqual([false, false, false])
    made.remove('a', 'clients')
    expect(aborted()).toEqual([true, false, false])
    request.abort('no longer')
    expect(aborted()).toEqual([true, true, false])
    made.clear()
    expect(aborted()).toEqual([true, true, true])
    expect([taken, cancelled, gone].map((decision) => decision?.signal.reason)).toMatchObject([
      { code: 'CANCELLED' },
      'no longer',
      { code: 'UNAVAILABLE' },
    ])
    cancelled?.subscribe()
    expect(made.size).toBe(0)
  })

  it('start with an aborted signal if the request is over, and no longer follow the request after the decision', () => {
    const { made } = connection()
    expect(made.decide('a', { id: 9, signal: AbortSignal.abort('over') }).signal).toMatchObject({
      aborted: true,
      reason: 'over',
    })
    const request = new AbortController()
    const decision = made.decide('b', { id: 9, signal: request.signal })
    decision.end()
    request.abort()
    expect(decision.signal.aborted).toBe(false)
  })

  it('can be removed for handlers without an effect on a decision for the client', () => {
    const { made } = connection()
    const decision = made.decide('a', asking)
    made.remove('a', 'handlers')
    decision.subscribe()
    expect(made.has('a', 'clients')).toBe(true)
  })

  it('free the place of a decision when it ends, and only of that decision', () => {
    const { made } = connection(1)
    const [one, two] = [made.decide('a', asking), made.decide('a', asking)]
    one.end()
    expect(() => made.decide('b', asking)).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }))
    two.end()
    const taken = made.decide('b', asking)
    made.remove('b', 'clients')
    const again = made.decide('b', asking)
    taken.end()
    expect(() => made.decide('c', asking)).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }))
    again.end()
    made.decide('c', asking).end()
  })

  it('are revoked for clients and handlers, and revoke returns the id of an answered call of the client', () => {
    const { made, reached, memory } = connection()
    const reason = new RpcError('PERMISSION_DENIED', 'no more')
    made.add('a')
    expect([made.revoke('a', reason), made.revoke('a', reason), made.revoke('b', reason)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    subscribe(made, 'a', 9)
    made.add('a')
    expect([made.revoke('a', reason), made.size, reached('a'), memory.bytes]).toEqual([9, 0, 0, 0])
    const deciding = made.decide('a', asking)
    expect(deciding.subscribe()).toBe(true)
    expect([made.revoke('a', reason), deciding.revocation, deciding.signal.reason]).toEqual([
      undefined,
      reason,
      reason,
    ])
    deciding.end()
    expect([made.size, made.revoke('a', reason)]).toEqual([0, undefined])
  })

  it('that a client gave up and requested again belong to the later call', () => {
    const { made } = connection()
    const first = made.decide('a', { ...asking, id: 1 })
    made.add('a')
    first.subscribe()
    made.remove('a', 'clients')
    const second = made.decide('a', { ...asking, id: 3 })
    second.subscribe()
    second.end()
    first.end()
    expect(made.revoke('a', new RpcError('PERMISSION_DENIED', 'no more'))).toBe(3)
    expect(first.revocation).toBeUndefined()
  })

  it('end with the connection, and cannot be added after that', () => {
    const { made, reached, all } = connection()
    made.add('a')
    const decision = made.decide('b', asking)
    made.clear()
    decision.subscribe()
    made.add('c')
    expect([made.size, reached('a'), reached('b'), reached('c'), all.topics]).toEqual([0, 0, 0, 0, 0])
  })
})
