import { RpcError } from '@frameport/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import type { OutageFacts } from '../../src/member/outage.ts'
import { type CallResult, PatientCalls } from '../../src/member/patient-calls.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'

describe('calls that wait for their member', () => {
  let clock = new ManualClock()
  let silences: (OutageFacts | undefined)[] = []
  let calls = new PatientCalls(clock, () => {})
  /** Calls that were made, to be answered by the test. */
  let made: ((result: CallResult<string>) => void)[] = []
  const call = () => new Promise<CallResult<string>>((resolve) => made.push(resolve))
  const failed = (code: string): CallResult<string> => ({ ok: false, error: new RpcError(code, 'no') })
  const answer = async (result: CallResult<string>) => {
    made.shift()?.(result)
    await settled()
  }

  beforeEach(() => {
    clock = new ManualClock()
    silences = []
    calls = new PatientCalls(clock, (facts) => silences.push(facts))
    made = []
  })

  afterEach(() => {
    expect(clock.timers).toBe(0)
  })

  test('are made at once where nothing was lost, and fail as they fail', async () => {
    const result = calls.make(call)
    await settled()
    await answer(failed('UNAVAILABLE'))
    expect(await result).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
    expect(made).toEqual([])
  })

  test('are not made before the member is back', async () => {
    calls.lost()
    const result = calls.make(call)
    await settled()
    expect(made).toEqual([])
    calls.back()
    await settled()
    await answer({ ok: true, data: 'said' })
    expect(await result).toEqual({ ok: true, data: 'said' })
  })

  test.each(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'NOT_IN_ROOM'])(
    'are made again when they failed with %s under a loss',
    async (code) => {
      const result = calls.make(call)
      await settled()
      calls.lost()
      await answer(failed(code))
      expect(made).toEqual([])
      calls.back()
      await settled()
      await answer({ ok: true, data: 'said' })
      expect(await result).toEqual({ ok: true, data: 'said' })
    },
  )

  test('are not made again when the server refused them, loss or not', async () => {
    const result = calls.make(call)
    await settled()
    calls.lost()
    await answer(failed('INVALID_ARGUMENT'))
    expect(await result).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } })
  })

  test('fail when nothing is waited for any more', async () => {
    calls.lost()
    const result = calls.make(call)
    calls.end()
    expect(await result).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
    expect(await calls.ready()).toBe(false)
    expect(made).toEqual([])
  })

  test('are made again when no answer came in time, for they may have been executed', async () => {
    const result = calls.make(call)
    for (let round = 0; round < 3; round += 1) {
      await settled()
      await answer(failed('DEADLINE_EXCEEDED'))
    }
    await answer({ ok: true, data: 'said' })
    expect(await result).toEqual({ ok: true, data: 'said' })
    expect(made).toEqual([])
  })

  test('tell that the server does not answer, and when it does', async () => {
    const result = calls.make(call)
    await clock.move(limits.noAnswerShownMs - 1)
    expect([silences, calls.isAnswered]).toEqual([[], true])
    await clock.move(1_001)
    expect([silences, calls.isAnswered, calls.standstills]).toEqual([
      [{ seconds: 2 }, { seconds: 3 }],
      false,
      1,
    ])
    await answer({ ok: true, data: 'said' })
    await result
    expect([silences.at(-1), calls.isAnswered]).toEqual([undefined, true])
  })

  test('leave a loss to those who tell of losses, and tell of silence anew behind it', async () => {
    const result = calls.make(call)
    await clock.move(limits.noAnswerShownMs)
    calls.lost()
    expect([silences.at(-1), calls.isAnswered]).toEqual([undefined, false])
    await clock.move(60_000)
    expect(silences).toHaveLength(2)
    calls.back()
    await clock.move(limits.noAnswerShownMs)
    expect([silences.length, calls.isAnswered, calls.standstills]).toEqual([3, false, 3])
    await answer({ ok: true, data: 'said' })
    await result
  })

  test('of a server that does not answer fail at the end, and those of one that answers do not', async () => {
    const unanswered = calls.make(call)
    await clock.move(limits.noAnswerShownMs)
    calls.end()
    expect(await unanswered).toMatchObject({ ok: false, error: { code: 'DEADLINE_EXCEEDED' } })
    expect(calls.isAnswered).toBe(false)

    made = []
    const other = new PatientCalls(clock, () => {})
    const answered = other.make(call)
    await settled()
    other.end()
    await answer({ ok: true, data: 'said' })
    expect(await answered).toEqual({ ok: true, data: 'said' })
  })

  test('say when the server does not answer, or is lost', async () => {
    const said: string[] = []
    const result = calls.make(call)
    void calls.unanswered().then(() => said.push('silent'))
    await clock.move(limits.noAnswerShownMs - 1)
    expect(said).toEqual([])
    await clock.move(1)
    expect(said).toEqual(['silent'])
    // It is so already.
    await calls.unanswered()
    await answer({ ok: true, data: 'said' })
    await result
    void calls.unanswered().then(() => said.push('lost'))
    await settled()
    expect(said).toEqual(['silent'])
    calls.lost()
    await settled()
    expect(said).toEqual(['silent', 'lost'])
  })

  test('that were made and not answered fail at the end when the connection is lost', async () => {
    const result = calls.make(call)
    await settled()
    calls.lost()
    calls.end()
    expect(await result).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
  })
})
