import { RpcError } from '@frameport/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import type { OutageFacts } from '../../src/member/outage.ts'
import { type CallResult, PatientCalls } from '../../src/member/patient-calls.ts'
import { ManualClock, settled } from '../support/manual-clock.ts'

describe('Calls that wait for their member', () => {
  let clock = new ManualClock()
  let silences: (OutageFacts | undefined)[] = []
  let calls = new PatientCalls(clock, () => {})
  /** Calls in progress, which the test answers. */
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

  test('are made at once without a loss, and pass their failure on', async () => {
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
    'are made again after they failed with %s during a loss',
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

  test('are not made again if the server refused them, even after a loss', async () => {
    const result = calls.make(call)
    await settled()
    calls.lost()
    await answer(failed('INVALID_ARGUMENT'))
    expect(await result).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } })
  })

  test('fail when the client stops waiting for a connection', async () => {
    calls.lost()
    const result = calls.make(call)
    calls.end()
    expect(await result).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
    expect(await calls.ready()).toBe(false)
    expect(made).toEqual([])
  })

  test('are made again when no answer came in time, because the server may have executed them', async () => {
    const result = calls.make(call)
    for (let round = 0; round < 3; round += 1) {
      await settled()
      await answer(failed('DEADLINE_EXCEEDED'))
    }
    await answer({ ok: true, data: 'said' })
    expect(await result).toEqual({ ok: true, data: 'said' })
    expect(made).toEqual([])
  })

  test('report that the server does not answer, and that it answers again', async () => {
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

  test('do not report a loss, and report a silent server again after the loss', async () => {
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

  test('fail at the end if the server does not answer, and wait for a server that answers', async () => {
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

  test('notify when the server does not answer, or when the connection is lost', async () => {
    const said: string[] = []
    const result = calls.make(call)
    void calls.unanswered().then(() => said.push('silent'))
    await clock.move(limits.noAnswerShownMs - 1)
    expect(said).toEqual([])
    await clock.move(1)
    expect(said).toEqual(['silent'])
    // The server is already silent.
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

  test('fail at the end if the connection was lost before their answer', async () => {
    const result = calls.make(call)
    await settled()
    calls.lost()
    calls.end()
    expect(await result).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
  })
})
