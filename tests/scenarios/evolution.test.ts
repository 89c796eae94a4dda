import { readFileSync } from 'node:fs'
import { compareContracts } from '@frameport/protocol/comparison'
import { describe, expect, it } from 'vitest'
import { type Change, changes, type Meeting } from './evolution/changes.ts'
import { contractOf, meet } from './evolution/meet.ts'

/** The worst that the comparison tells of one of the two clients. */
function foretold({ before, after }: Change, client: 'old' | 'new'): Meeting['outcome'] {
  const outcomes = compareContracts(contractOf(before), contractOf(after))
    .filter((difference) => difference.client === client)
    .map(({ outcome }) => outcome)
  if (outcomes.includes('fails')) return 'fails'
  return outcomes.includes('loses') ? 'loses' : 'passes'
}

describe.each(changes)('$change', (change) => {
  const { before, after, oldClient, newClient } = change

  it('meets an old client as the table says', async () => {
    const { outcome: _, ...met } = oldClient
    expect(await meet(before, after)).toMatchObject(met)
  })

  it('meets a new client at an old server as the table says', async () => {
    const { outcome: _, ...met } = newClient
    expect(await meet(after, before)).toMatchObject(met)
  })

  it('is foretold by compareContracts', () => {
    expect([foretold(change, 'old'), foretold(change, 'new')]).toEqual([oldClient.outcome, newClient.outcome])
  })
})

describe('docs/evolution.md', () => {
  it('has each change as a row, with what happens and the advice', () => {
    const cell = ({ outcome, code }: Meeting) =>
      outcome === 'passes' ? 'works' : code === undefined ? outcome : `${outcome}: ${code}`
    const rows = changes.map(
      ({ change, oldClient, newClient, advice }) =>
        `| ${change} | ${cell(oldClient)} | ${cell(newClient)} | ${advice} |`,
    )
    const text = readFileSync(new URL('../../docs/evolution.md', import.meta.url), 'utf8')
    expect(text.split('\n').filter((line) => rows.includes(line))).toEqual(rows)
  })
})
