import { type Contract, contract, event, procedure } from '@frameport/protocol'
import { type ContractDescription, describedContract, type EventMark } from '@frameport/protocol/contract'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compareDescription } from '../src/differences/compare-description.ts'
import { textOf } from '../src/differences/explain-mismatch.ts'

const Line = z.object({ text: z.string() })
const stateOf = (news: EventMark) =>
  contract('tiny', { version: 1, procedures: { ping: procedure({}) }, events: { news } })
const byHandlers = stateOf(event(Line))
const byClients = stateOf(event(Line, { subscribe: 'clients' }))

const told = (own: Contract, theirs: ContractDescription) =>
  compareDescription(own, theirs).map(({ place, outcome }) => `${place} ${outcome}`)

describe('an event to which only one side lets clients subscribe', () => {
  it.each([
    ['with outlines', (theirs: ContractDescription) => theirs],
    ['with fingerprints only', (theirs: ContractDescription) => ({ ...theirs, outlines: undefined })],
  ])('fails for the client that would subscribe, and is lost for the other one, %s', (_, described) => {
    expect(told(byClients, described(describedContract(byHandlers)))).toEqual(['subscribe fails'])
    expect(told(byHandlers, described(describedContract(byClients)))).toEqual(['subscribe loses'])
    expect(textOf(compareDescription(byClients, described(describedContract(byHandlers))))).toBe(
      'they differ in: who subscribes',
    )
  })

  it('is reported together with differences in its payload', () => {
    const wider = stateOf(
      event(Line.extend({ at: z.number().optional() }), { subscribe: 'clients' }) as never,
    )
    expect(told(byHandlers, describedContract(wider))).toEqual(['subscribe loses', 'payload.at loses'])
  })

  it('is not reported of a server whose fingerprints have another form', () => {
    const theirs = { ...describedContract(byClients), events: { news: 'sha-clients' }, outlines: undefined }
    expect(told(byHandlers, theirs)).toEqual(['payload unknown', 'topic unknown'])
    const asOutlined = { ...describedContract(byHandlers), events: { news: 'sha-clients' } }
    expect(told(byHandlers, asOutlined)).toEqual(['payload unknown', 'topic unknown'])
  })

  it.each([
    ['starts with other characters', (fingerprint: string) => `v2-${fingerprint}`],
    ['ends with other characters', (fingerprint: string) => `${fingerprint}-more`],
  ])('is not reported for a server whose fingerprint %s than this client expects', (_, changed) => {
    const theirs = describedContract(byClients)
    const news = changed(theirs.events.news ?? '')
    expect(told(byHandlers, { ...theirs, events: { news } })).toEqual(['payload unknown', 'topic unknown'])
  })
})
