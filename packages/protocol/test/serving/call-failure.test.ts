import { ProtocolError, procedure, RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureToSend, isDefect, reasonOf } from '../../src/serving/call-failure.ts'

const join = procedure({ errors: { FULL: z.number() } })
const reference = "The server's log has the reason under c1/7."
const sent = (error: unknown) => failureToSend(error, join, reference)

/** An error with the brand of an RpcError and other members, as another copy of the package may throw. */
function branded(parts: object): RpcError {
  const error = new RpcError('NOT_FOUND', 'text')
  for (const [name, value] of Object.entries(parts)) Object.defineProperty(error, name, { value })
  return error
}

describe('the failure that a client receives', () => {
  it.each<[string, RpcError]>([
    [
      'with a standard code',
      new RpcError('NOT_FOUND', 'no such room', { data: { a: 1 }, retryAfterMs: 500 }),
    ],
    ['with a code that the procedure declares', new RpcError('FULL', 'try another', { data: 3 })],
    ['of a call that may have run', new RpcError('ABORTED', 'halfway', { maybeExecuted: true })],
  ])('%s is a complete copy', (_, error) => {
    const { code, message, data, maybeExecuted, retryAfterMs } = error
    const failure = sent(error)
    expect(failure).not.toBe(error)
    expect(failure.cause).toBe(error)
    expect(failure).toMatchObject({ code, message, maybeExecuted })
    expect([failure.data, failure.retryAfterMs]).toEqual([data, retryAfterMs])
  })

  it('may have run if its code is INTERNAL, and otherwise only if the handler says so', () => {
    expect(sent(new RpcError('INTERNAL', 'x')).maybeExecuted).toBe(true)
    expect(sent(new RpcError('UNAVAILABLE', 'x')).maybeExecuted).toBe(false)
    expect(sent(new RpcError('FULL', 'x')).maybeExecuted).toBe(false)
    expect(sent(branded({ maybeExecuted: 'yes' })).maybeExecuted).toBe(false)
  })

  it.each([
    ['a text', '500'],
    ['null', null],
    ['an object', {}],
  ])('has no retryAfterMs when that is %s', (_, retryAfterMs) => {
    const failure = sent(branded({ retryAfterMs }))
    expect(failure.code).toBe('NOT_FOUND')
    expect(failure.retryAfterMs).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['an undeclared code', new RpcError('OUT_OF_MILK', 'secret')],
    ['a code named like a member of Object.prototype', new RpcError('toString', 'secret')],
    ['a code that is not a string', branded({ code: 5 })],
    ['a code that is an array with a declared code', branded({ code: ['FULL'] })],
    ['a message that is not a string', branded({ message: { secret: 1 } })],
    ['an error that is not an RpcError', new Error('secret')],
    [
      'an object that has the members but not the brand of an RpcError',
      { code: 'NOT_FOUND', message: 'secret' },
    ],
    ['nothing', undefined],
    [
      'a code that throws',
      Object.defineProperty(new RpcError('NOT_FOUND', 'secret'), 'code', {
        get() {
          throw new Error('secret')
        },
      }),
    ],
  ])('is INTERNAL with a reference for %s', (_, error) => {
    const failure = sent(error)
    expect(failure).toMatchObject({
      code: 'INTERNAL',
      message: "The handler failed. The server's log has the reason under c1/7.",
      maybeExecuted: true,
      data: undefined,
    })
    expect(failure.cause).toBe(error)
    expect(isDefect(failure)).toBe(true)
  })

  it('is complete although its procedure cannot be read', () => {
    const error = new RpcError('NOT_FOUND', 'no such room')
    const procedure = {
      get() {
        throw new Error('secret')
      },
    }
    expect(sent(Object.defineProperty(error, 'procedure', procedure)).message).toBe('no such room')
  })

  it('is no defect with another code', () => {
    expect(isDefect(new RpcError('NOT_FOUND', 'x'))).toBe(false)
  })
})

describe('the reason why something cannot be sent', () => {
  const reason = new ProtocolError('INVALID_BODY', 'no form')
  it('is the ProtocolError in the cause of an RpcError, and otherwise the error itself', () => {
    const wrapped = new RpcError('INTERNAL', 'x', { cause: reason })
    const other = new RpcError('INTERNAL', 'x', { cause: new Error('y') })
    const plain = new Error('z', { cause: reason })
    expect([wrapped, other, plain, undefined, 'text'].map(reasonOf)).toEqual([
      reason,
      other,
      plain,
      undefined,
      'text',
    ])
    expect([reasonOf(wrapped) === reason, reasonOf(other) === other, reasonOf(plain) === plain]).toEqual([
      true,
      true,
      true,
    ])
  })
})
