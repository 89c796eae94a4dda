import { RpcError } from '@frameport/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { type CallResult, PatientCalls } from '../../src/terminal/patient-calls.ts'
import { settled } from '../support/manual-clock.ts'

describe('calls that wait for their member', () => {
  let calls = new PatientCalls()
  /** Calls that were made, to be answered by the test. */
  let made: ((result: CallResult<string>) => void)[] = []
  const call = () => new Promise<CallResult<string>>((resolve) => made.push(resolve))
  const failed = (code: string): CallResult<string> => ({ ok: false, error: new RpcError(code, 'no') })
  const answer = async (result: CallResult<string>) => {
    made.shift()?.(result)
    await settled()
  }

  beforeEach(() => {
    calls = new PatientCalls()
    made = []
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
})
