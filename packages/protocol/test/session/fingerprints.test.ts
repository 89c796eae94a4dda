import { expect, it } from 'vitest'
import { firstCall, openProbe } from '../support/raw-peer.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

it.each([
  ['of 128 bytes', [[1, bytesOf('a'.repeat(128))]], 'a'.repeat(128)],
  [
    'after an unknown extension',
    [
      [9, bytesOf('x')],
      [1, bytesOf('f1')],
    ],
    'f1',
  ],
  ['of 129 bytes', [[1, bytesOf('a'.repeat(129))]], undefined],
  ['that is empty', [[1, bytesOf('')]], undefined],
  ['that is not UTF-8', [[1, Uint8Array.of(0xff)]], undefined],
  ['in an extension of another id', [[2, bytesOf('f1')]], undefined],
] as [string, [number, Uint8Array][], string | undefined][])(
  'a fingerprint %s is given with its call or ignored',
  async (_, extensions, fingerprint) => {
    const { time, peer, recorder } = await openProbe('server')
    peer.send({ ...firstCall, extensions })
    await time.settle()
    expect(recorder.calls.map((call) => call.fingerprint)).toEqual([fingerprint])
  },
)
