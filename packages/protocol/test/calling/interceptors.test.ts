import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withInterceptors } from '../../src/calling/intercept.ts'
import type { InterceptedCall, Interceptor } from '../../src/calling/interceptor.ts'

const numbers = contract('numbers', { version: 1, procedures: { next: procedure({ output: z.number() }) } })
const entry = [...numbers.procedureEntries.values()][0]!
const call: InterceptedCall = {
  procedure: { fullName: 'numbers/next', callKind: 'unary' } as InterceptedCall['procedure'],
  input: undefined,
  deadlineMs: undefined,
  metadata: {},
  signal: undefined,
}

describe('an interceptor', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['"again"', 'again'],
  ])('gets a rejection when it calls next() with %s, and no call is made', async (said, given) => {
    let calls = 0
    let told: unknown
    const passesOn: Interceptor = (_, next) => {
      const rejected = next(given as never)
      rejected.catch((error) => {
        told = error
      })
      return rejected
    }
    const failed = withInterceptors([passesOn], entry, call, async () => ++calls)
    await expect(failed).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      procedure: 'numbers/next',
      maybeExecuted: false,
      message: `an interceptor of numbers/next called next() with ${said}: pass the call, or a changed copy of it`,
    })
    expect(told).toBeDefined()
    expect(calls).toBe(0)
  })

  it('gets the outcome of the changed copy that it passes on', async () => {
    const shorter: Interceptor = (given, next) => next({ ...given, deadlineMs: 5 })
    expect(await withInterceptors([shorter, shorter], entry, call, async (made) => made.deadlineMs)).toBe(5)
  })
})
