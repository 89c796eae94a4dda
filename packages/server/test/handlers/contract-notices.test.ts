import { describe, expect, it } from 'vitest'
import { ContractNotices } from '../../src/handlers/contract-notices.ts'
import { silentLogger } from '../../src/logger.ts'

const none = { fingerprints: {}, eventFingerprints: {}, clientFingerprints: {} }
const own = [
  { name: 'chat', version: 1, hash: 'aa', ...none },
  { name: 'chat', version: 2, hash: 'bb', ...none },
]
const announced = { name: 'chat', version: 2, hash: 'bb', serves: false, calls: true }

function noticed(): {
  readonly see: (...contracts: (typeof announced)[]) => void
  readonly lines: unknown[]
} {
  const lines: unknown[] = []
  const log = { ...silentLogger, info: (facts: object, text: string) => void lines.push({ ...facts, text }) }
  const notices = new ContractNotices(own)
  return { see: (...contracts) => notices.see(contracts, 'c1', log), lines }
}

describe('What a server logs about the contracts of its clients', () => {
  it('is nothing for equal contracts, unknown contracts, and contracts that the client serves', () => {
    const { see, lines } = noticed()
    see(announced, { ...announced, version: 1, hash: 'aa' })
    see({ ...announced, name: 'other', hash: 'cc' })
    see({ ...announced, hash: 'cc', calls: false })
    expect(lines).toEqual([])
  })

  it('is one line for each different fingerprint, whatever the number of clients', () => {
    const { see, lines } = noticed()
    for (let client = 0; client < 3; client++) see({ ...announced, hash: 'cc' }, { ...announced, hash: 'dd' })
    const text = 'a client and this server have different fingerprints of a contract'
    const facts = { connection: 'c1', contract: 'chat', version: 2, serverHash: 'bb', text }
    expect(lines).toEqual([
      { ...facts, clientHash: 'cc' },
      { ...facts, clientHash: 'dd' },
    ])
  })

  it('is one line for a version that the server does not have, whatever the fingerprint, with the versions that it has', () => {
    const { see, lines } = noticed()
    see({ ...announced, version: 3, hash: 'cc' })
    see({ ...announced, version: 3, hash: 'dd' })
    const text = 'a client uses a version of a contract that this server does not serve'
    expect(lines).toEqual([{ connection: 'c1', contract: 'chat', version: 3, versions: [1, 2], text }])
  })

  it('is limited to 64 lines, the last of which says so, for a client that invents fingerprints', () => {
    const { see, lines } = noticed()
    for (let state = 0; state < 10_000; state++) see({ ...announced, hash: state.toString(16) })
    expect(lines).toHaveLength(64)
    expect(lines.at(-1)).toMatchObject({
      text: expect.stringMatching(/no further notices of this kind will be logged$/),
    })
    expect(lines.at(-2)).toMatchObject({
      text: 'a client and this server have different fingerprints of a contract',
    })
  })
})
