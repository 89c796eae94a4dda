import { expect, it } from 'vitest'
import { withAnyDelay } from '../../../src/session/common/any-delay.ts'
import { sessionId } from '../../../src/session/resume/random-bytes.ts'

const environment = {
  nowMs: () => 0,
  random: () => 0.5,
  setTimer: () => ({ cancel() {} }),
  randomBytes: (length: number) => new Uint8Array(length).fill(9),
}

it('names a session by 16 random bytes', () => {
  expect(sessionId(withAnyDelay(environment))).toEqual(new Uint8Array(16).fill(9))
})

it('puts the prefix of the environment in front of them', () => {
  const owned = withAnyDelay({ ...environment, sessionIdPrefix: Uint8Array.of(1, 2, 3) })
  expect(sessionId(owned)).toEqual(Uint8Array.of(1, 2, 3, ...new Uint8Array(16).fill(9)))
})
