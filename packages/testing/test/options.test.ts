import { describe, expect, it } from 'vitest'
import { createMemoryPair, createVirtualClock } from '../src/index.ts'

const refusal = (text: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) })

describe('wrong options', () => {
  it.each([
    [null, 'options is null, not an object'],
    [5, 'options is 5, not an object'],
    [{ clock: 5 }, 'clock is 5, not a SessionEnvironment'],
    [{ clock: {} }, 'clock is an object without the methods nowMs, setTimer, random'],
    [{ chunking: 'x' }, 'chunking is "x"'],
    [{ chunking: null }, 'chunking is null'],
    [{ chunking: { byte: 5 } }, 'did you mean bytes?'],
    [{ chunking: { bytes: '5' } }, 'chunking.bytes is "5", not an integer of 1 or more'],
    [{ chunking: { bytesMax: 5, seed: 'x' } }, 'chunking.seed is "x", not an integer'],
    [{ chunking: { bytesMax: 5 } }, 'chunking.seed is undefined, not an integer'],
    [{ poisonLentBytes: 'yes' }, 'poisonLentBytes is "yes", not a boolean'],
  ])('createMemoryPair(%j) is refused', (options, text) => {
    expect(() => createMemoryPair(options as object)).toThrow(refusal(text))
  })

  it.each([
    [null, 'options is null, not an object'],
    [5, 'options is 5, not an object'],
    [{ sed: 4 }, 'did you mean seed?'],
    [{ seed: 'x' }, 'seed is "x", not an integer'],
    [{ startMs: '5' }, 'startMs is "5", not a finite number'],
    [{ onForgotten: 'x' }, 'onForgotten is "x", not a function'],
    [{ onForgotten: null }, 'onForgotten is null, not a function'],
  ])('createVirtualClock(%j) is refused', (options, text) => {
    expect(() => createVirtualClock(options as object)).toThrow(refusal(text))
  })

  it.each([
    [null, 'options is null'],
    [{ timeMax: 5 }, 'did you mean timeMaxMs?'],
    [{ timeMaxMs: '5' }, 'timeMaxMs is "5", not a number of 0 or more'],
  ])('runUntilIdle(%j) and until() with the same are refused', async (options, text) => {
    const clock = createVirtualClock()
    await expect(clock.runUntilIdle(options as object)).rejects.toEqual(refusal(text))
    await expect(clock.until(Promise.resolve(), options as object)).rejects.toEqual(refusal(text))
  })

  it('runUntilIdle() with a timersMax that is not a number is refused', async () => {
    const timersMax = 'x' as unknown as number
    await expect(createVirtualClock().runUntilIdle({ timersMax })).rejects.toEqual(refusal('timersMax'))
  })
})
