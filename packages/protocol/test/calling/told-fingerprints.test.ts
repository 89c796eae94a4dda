import { describe, expect, it } from 'vitest'
import { ToldFingerprints } from '../../src/calling/told-fingerprints.ts'
import type { PeerInfo } from '../../src/session/index.ts'

const announced = {
  name: 'shop',
  version: 2,
  hash: 'abcd',
  fingerprints: {},
  eventFingerprints: {},
  clientFingerprints: {},
}
const served = { name: 'shop', version: 2, hash: 'abcd', serves: true, calls: false }
const put = { path: 'put', fingerprint: 'f1' }
const get = { path: 'get', fingerprint: 'f2' }

const peerWith = (...contracts: (typeof served)[]) => ({ contracts }) as unknown as PeerInfo

/** Asks for fingerprints as calls do over a session with this peer. */
function told(...contracts: (typeof served)[]) {
  const made = new ToldFingerprints(announced)
  const peer = peerWith(...contracts)
  return { next: (entry: typeof put) => made.next(entry, peer) }
}

describe('the fingerprint of a procedure', () => {
  it('is sent with no call when the server announced the same contract, alone or among others', () => {
    for (const made of [told(served), told({ ...served, name: 'other' }, served)]) {
      expect([made.next(put), made.next(get), made.next(put)]).toEqual([undefined, undefined, undefined])
    }
  })

  it.each<[string, (typeof served)[]]>([
    ['nothing', []],
    ['another hash', [{ ...served, hash: 'abce' }]],
    ['another version', [{ ...served, version: 3 }]],
    ['another name', [{ ...served, name: 'shop2' }]],
    [
      'its name, version and hash, but in different contracts',
      [
        { ...served, hash: 'x' },
        { ...served, name: 'x' },
        { ...served, version: 1 },
      ],
    ],
  ])('is sent with the first call of each procedure when the server announced %s', (_, contracts) => {
    const made = told(...contracts)
    expect([made.next(put), made.next(put), made.next(get), made.next(get)]).toEqual([
      'f1',
      undefined,
      'f2',
      undefined,
    ])
  })

  it('is not sent before the handshake', () => {
    expect(new ToldFingerprints(announced).next(put, undefined)).toBeUndefined()
  })

  it('is sent again with the first call to a new peer, and not again to the previous one', () => {
    const made = new ToldFingerprints(announced)
    const [before, after, same] = [peerWith(), peerWith(), peerWith(served)]
    const sent = [before, before, after, before, after, same].map((peer) => made.next(put, peer))
    expect(sent).toEqual(['f1', undefined, 'f1', undefined, undefined, undefined])
  })
})
