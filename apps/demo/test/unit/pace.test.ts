import { describe, expect, test } from 'vitest'
import { doneAtLast } from '../../src/member/pace.ts'

const failure = (code: string) => ({ ok: false as const, error: { code, message: code } })

describe('A call that the log could not accept', () => {
  test.each(['NOT_KEPT', 'SERVERS_APART'])('is repeated after %s', async (code) => {
    const answers = [failure(code), failure(code), { ok: true as const, data: 7 }]
    expect(await doneAtLast(async () => answers.shift()!)).toEqual({ ok: true, data: 7 })
  })

  test('fails with its last error after some time', async () => {
    let calls = 0
    const call = async () => {
      calls += 1
      return failure('NOT_KEPT')
    }
    expect(await doneAtLast(call, () => {}, 500)).toEqual(failure('NOT_KEPT'))
    expect(calls).toBe(2)
  })

  test('is not repeated after another error', async () => {
    const answers = [failure('NOT_IN_ROOM'), { ok: true as const, data: 7 }]
    expect(await doneAtLast(async () => answers.shift()!)).toEqual(failure('NOT_IN_ROOM'))
  })
})
