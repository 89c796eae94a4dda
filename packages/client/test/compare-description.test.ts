import { contract, event, procedure } from '@frameport/protocol'
import { type ContractDescription, describedContract } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compareDescription } from '../src/differences/compare-description.ts'

const Line = z.object({ text: z.string() })
const own = contract('tiny', {
  version: 1,
  procedures: { get: procedure({ output: Line }), watch: procedure({ items: Line }) },
  events: { news: event(Line) },
  clientProcedures: { ask: procedure({ output: Line }) },
})

const described = describedContract(own)
const told = (theirs: Partial<ContractDescription>) =>
  compareDescription(own, { ...described, ...theirs }).map(
    ({ kind, member, place, outcome }) => `${kind} ${member}/${place} ${outcome}`,
  )

describe('a description', () => {
  it('of the same contract has no differences', () => {
    expect(told({})).toEqual([])
    expect(told({ outlines: undefined })).toEqual([])
  })

  it('with fingerprints only names the parts as this client calls them', () => {
    const other = (fingerprint: string | undefined) => `${fingerprint}`.replace(/-\w+-(\w+)$/, '-00000000-$1')
    const { get, watch } = described.procedures
    expect(told({ outlines: undefined, procedures: { get: other(get), watch: other(watch) } })).toEqual([
      'procedure get/output unknown',
      'procedure watch/items unknown',
    ])
  })

  it('with a kind of call that this client does not know differs in the kind', () => {
    const get = `${described.procedures.get}`.replace('unary', 'twice')
    expect(told({ procedures: { ...described.procedures, get } })).toEqual(['procedure get/kind unknown'])
  })

  it('with another kind of call differs only in the kind, whatever else differs', () => {
    const watch = 'unary-00000000-00000000-00000000'
    expect(told({ procedures: { ...described.procedures, watch } })).toEqual(['procedure watch/kind fails'])
  })

  it('that lacks members, and has additional ones, states the effect of each', () => {
    const record = { other: 'f' }
    expect(told({ procedures: record, clientProcedures: record, events: record })).toEqual([
      'procedure get/ fails',
      'procedure watch/ fails',
      'procedure other/ works',
      'clientProcedure ask/ works',
      'clientProcedure other/ fails',
      'event news/ loses',
      'event other/ works',
    ])
  })

  it('without an event to which clients subscribe makes the subscription fail', () => {
    const subscribing = contract('tiny', {
      version: 1,
      procedures: { ping: procedure({}) },
      events: { news: event(Line, { subscribe: 'clients' }) },
    })
    const found = compareDescription(subscribing, { ...describedContract(subscribing), events: {} })
    expect(found).toMatchObject([{ kind: 'event', member: 'news', place: '', outcome: 'fails' }])
  })

  it.each([
    [1_000, 1_000],
    [1_001, 1_001],
    [1_002, 1_001],
  ])('with %i differences yields %i', (count, kept) => {
    const many = Array.from({ length: count }, (_, index) => [`other${index}`, 'f'] as const)
    const found = compareDescription(own, {
      ...described,
      events: { ...described.events, ...Object.fromEntries(many) },
    })
    expect(found).toHaveLength(kept)
    const last =
      count > 1_000 ? `${count - 1_000} more differences are not listed` : 'is not known to this client'
    expect(found.at(-1)?.text).toBe(last)
  })

  it('has names and places of 200 characters at most', () => {
    const long = (length: number) => 'x'.repeat(length)
    const events = { ...described.events, [long(200)]: 'f', [long(201)]: 'f' }
    const lengths = compareDescription(own, { ...described, events }).map(({ member }) => member.length)
    expect(lengths).toEqual([200, 200])
  })
})
