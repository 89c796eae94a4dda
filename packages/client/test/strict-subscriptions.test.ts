import { contract, event, procedure, RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ListenedTopic } from '../src/events/listened-topic.ts'
import { StrictSubscriptions } from '../src/events/strict-subscriptions.ts'

const { own } = contract('news', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { own: event(z.string(), { topic: z.string(), subscribe: 'clients' }) },
}).events
const refusal = new RpcError('FAILED_PRECONDITION', 'not the same')

const of = (topic: string) => new ListenedTopic(own, topic)

/** Subscriptions that the test admits or refuses. */
function gated() {
  const log: string[] = []
  const admissions: { admit(): void; refuse(): void }[] = []
  const inner = {
    listens: async ({ topic }: ListenedTopic) => void log.push(`listens ${topic}`),
    listensAgain: async ({ topic }: ListenedTopic) => void log.push(`listens again ${topic}`),
    left: ({ topic }: ListenedTopic) => void log.push(`left ${topic}`),
  }
  const made = new StrictSubscriptions(
    inner,
    () =>
      new Promise((resolve, reject) => {
        admissions.push({ admit: resolve, refuse: () => reject(refusal) })
      }),
    (_event, topic, error) => void log.push(`refused ${topic} ${error.code}`),
  )
  return { made, log, admissions }
}

describe('the subscriptions of a strict client', () => {
  it('are made after they are admitted, once for all listeners on a topic', async () => {
    const { made, log, admissions } = gated()
    const one = made.listens(of('a'))
    expect(made.listens(of('a'))).toBe(one)
    const other = made.listens(of('b'))
    expect([log, admissions.length]).toEqual([[], 2])
    for (const { admit } of admissions) admit()
    await Promise.all([one, other])
    expect(log).toEqual(['listens a', 'listens b'])
  })

  it('are not made for a listener that has left meanwhile', async () => {
    const { made, log, admissions } = gated()
    const one = made.listens(of('a'))
    made.left(of('a'))
    admissions[0]?.admit()
    await one
    expect(log).toEqual(['left a'])
  })

  it.each(['admit', 'refuse'] as const)(
    'are requested from a new session if it admits them, whatever the previous one answers later (%s)',
    async (before) => {
      const { made, log, admissions } = gated()
      const one = made.listens(of('a'))
      const again = made.listensAgain(of('a'))
      admissions[0]?.[before]()
      await Promise.resolve()
      expect(log).toEqual([])
      admissions[1]?.admit()
      expect(await Promise.all([one, again])).toEqual([undefined, undefined])
      expect(log).toEqual(['listens again a'])
    },
  )

  it('are refused with the reason, and requested again by the next listener', async () => {
    const { made, log, admissions } = gated()
    const one = made.listens(of('a'))
    admissions[0]?.refuse()
    expect(await one).toBe(refusal)
    const two = made.listens(of('a'))
    expect([two === one, admissions.length]).toEqual([false, 2])
    admissions[1]?.admit()
    await two
    expect(log).toEqual(['refused a FAILED_PRECONDITION', 'listens a'])
  })

  it('of a later listener stay if an earlier one is refused after it has left', async () => {
    const { made, log, admissions } = gated()
    const one = made.listens(of('a'))
    made.left(of('a'))
    const two = made.listens(of('a'))
    admissions[0]?.refuse()
    expect(await one).toBe(refusal)
    expect(made.listens(of('a'))).toBe(two)
    admissions[1]?.admit()
    await two
    expect(log).toEqual(['left a', 'refused a FAILED_PRECONDITION', 'listens a'])
  })
})
