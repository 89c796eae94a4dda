import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createTestClient } from '../../src/client/index.ts'
import { implementNotes, notes } from './notes.ts'

const plain = implement(
  contract('plain', {
    version: 1,
    procedures: { double: procedure({ input: z.number(), output: z.number() }) },
  }),
).handlers({ double: ({ input }) => 2 * input })

describe('the options of a test client', () => {
  it('may be omitted if the handlers need no context', async () => {
    await using client = createTestClient(plain)
    expect(await client.double(4)).toBe(8)
  })

  it.each([
    [null, 'INVALID_OPTION', 'options is null, not an object'],
    [5, 'INVALID_OPTION', 'options is 5, not an object'],
    [{ clock: {} }, 'INVALID_OPTION', 'clock is an object without the methods'],
    [{ clock: { nowMs() {}, setTimer() {}, random() {} } }, 'INVALID_OPTION', 'without the methods until'],
    [{ network: 5 }, 'INVALID_OPTION', 'network is 5, not an object'],
    [{ network: { latencyMs: 5 } }, 'INVALID_OPTION', 'latencyMs needs a clock'],
    [{ network: { latency: 5 } }, 'INVALID_OPTION', 'did you mean latencyMs?'],
    [{ log: 5 }, 'INVALID_OPTION', 'log is 5, not a Logger'],
    [{ server: 5 }, 'INVALID_OPTION', 'server is 5, not an object'],
    [
      { server: { context: () => ({}) } },
      'INVALID_OPTION',
      'A test client does not accept server.context: give it next to server',
    ],
    [{ server: { environment: {} } }, 'INVALID_OPTION', 'server.environment: give clock next to server'],
    [{ server: { strikt: true } }, 'INVALID_OPTION', 'did you mean strict?'],
    [{ server: { limits: { callsInFlightMax: -1 } } }, 'INVALID_LIMITS', 'callsInFlightMax'],
    [{ environment: {} }, 'INVALID_OPTION', 'give clock'],
    [{ interceptors: 5 }, 'INVALID_OPTION', 'interceptors is 5'],
    [{ interceptor: [] }, 'INVALID_OPTION', 'did you mean interceptors?'],
  ])('are checked when they are given: %o', (options, code, text) => {
    expect(() => createTestClient(plain, options as object)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    )
  })

  it('are refused if one cannot be read', () => {
    const unreadable = Object.defineProperty({}, 'clock', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    expect(() => createTestClient(plain, unreadable)).toThrow('options throws when it is read')
  })

  it('include those that the server requires', () => {
    const { implementation } = implementNotes()
    expect(() => createTestClient(implementation, { context: { user: 'ada' } } as never)).toThrow(
      /authorizeSubscribe is missing/,
    )
  })

  it('are given after an implementation', () => {
    expect(() => createTestClient(notes as never)).toThrow(/createTestClient needs the implementation/)
  })
})
