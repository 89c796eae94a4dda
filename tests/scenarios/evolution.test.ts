import { readFileSync } from 'node:fs'
import { compareContracts } from '@frameport/protocol/comparison'
import { describe, expect, it } from 'vitest'
import type { Change, Meeting, State } from './evolution/change.ts'
import { changes as changesOfParts } from './evolution/changes.ts'
import { changesOfKinds } from './evolution/changes-of-kinds.ts'
import { contractOf, meet } from './evolution/meet.ts'

const changes = [...changesOfParts, ...changesOfKinds]

/** The worst outcome that the comparison predicts for one of the two clients. */
function foretold({ before, after }: Change, client: 'old' | 'new'): Meeting['outcome'] {
  const outcomes = compareContracts(contractOf(before), contractOf(after))
    .filter((difference) => difference.client === client)
    .map(({ outcome }) => outcome)
  if (outcomes.includes('fails')) return 'fails'
  return outcomes.includes('loses') ? 'loses' : 'passes'
}

const explained = /client and server have different versions of this (?:procedure|event)/

describe.each(changes)('$change', (change) => {
  const { before, after, oldClient, newClient } = change

  it('has the result of the table for an old client, and failures are explained', async () => {
    const { outcome: _, ...met } = oldClient
    const { said, ...meeting } = await meet(before, after)
    expect(meeting).toMatchObject(met)
    if (met.code !== undefined) expect(said.text).toMatch(explained)
  })

  it('has the result of the table for a new client at an old server, and failures are explained', async () => {
    const { outcome: _, ...met } = newClient
    const { said, ...meeting } = await meet(after, before)
    expect(meeting).toMatchObject(met)
    if (met.code !== undefined) expect(said.text).toMatch(explained)
  })

  it('is predicted by compareContracts', () => {
    expect([foretold(change, 'old'), foretold(change, 'new')]).toEqual([oldClient.outcome, newClient.outcome])
  })
})

/** A cell of the table: what `differences()` returns to the two clients. */
async function saidOf({ before, after }: Change): Promise<string> {
  const cell = async (client: string, own: State, other: State) => {
    const { said } = await meet(own, other)
    const places = said.differences.map((one) => one.replace(/^\S+(?= )/, '`$&`'))
    return `${client}: ${places.join(', ') || 'nothing'}`
  }
  return `${await cell('old', before, after)}; ${await cell('new', after, before)}`
}

describe('docs/evolution.md', () => {
  it('has a row for each change, with the results, the differences and the advice', async () => {
    const cell = ({ outcome, code }: Meeting) =>
      outcome === 'passes' ? 'works' : code === undefined ? outcome : `${outcome}: ${code}`
    const rows: string[] = []
    for (const one of changes) {
      const { change, oldClient, newClient, advice } = one
      rows.push(`| ${change} | ${cell(oldClient)} | ${cell(newClient)} | ${await saidOf(one)} | ${advice} |`)
    }
    const text = readFileSync(new URL('../../docs/evolution.md', import.meta.url), 'utf8')
    expect(text.split('\n').filter((line) => rows.includes(line))).toEqual(rows)
  })
})
