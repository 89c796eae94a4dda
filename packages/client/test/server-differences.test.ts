import { contract, procedure } from '@frameport/protocol'
import type { AnnouncedContract } from '@frameport/protocol/envelope'
import { expect, it } from 'vitest'
import { ServerDifferences } from '../src/differences/server-differences.ts'

const own = contract('tiny', { version: 1, procedures: { ping: procedure({}) } })

/** The state that a client derives from the contracts that a server announces. */
function stateAfter(...contracts: readonly AnnouncedContract[]) {
  const made = new ServerDifferences(own, { onFound: () => undefined } as never)
  made.opened({ contracts } as never)
  return [made.state, made.otherVersions]
}

it('a server is judged by what it announces under the name of the contract, whatever else it announces', () => {
  const { name, version, hash } = own.announcement
  const same: AnnouncedContract = { name, version, hash, serves: true, calls: false }
  const large = { ...same, name: 'large', hash: 'other' }
  expect(stateAfter(large, same)).toEqual(['same', []])
  expect(stateAfter(large)).toEqual(['unknown', []])
  expect(stateAfter(large, { ...same, version: 2 })).toEqual(['known', [2]])
})
