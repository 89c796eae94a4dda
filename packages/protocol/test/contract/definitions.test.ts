import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { contract, event, procedure } from '../../src/index.ts'

const text = z.string()
const take = (made: (given: never) => unknown, given: unknown) => () => made(given as never)
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
const procedures = { join: procedure({ input: text }) }

describe('a definition is refused with INVALID_CONTRACT', () => {
  it.each([
    ['no procedure', take(procedure, undefined), 'its definition is undefined, not an object'],
    ['null for a procedure', take(procedure, null), 'its definition is null, not an object'],
    ['a revoked proxy', take(procedure, revoked()), 'throws when it is read'],
    ['inputs', take(procedure, { inputs: text }), 'did you mean input'],
    ['idempotent as a string', take(procedure, { idempotent: 'no' }), 'idempotent is "no", not a boolean'],
    [
      'resumeFrom as a string',
      take(procedure, { resumeFrom: 'last' }),
      'resumeFrom is "last", not a function',
    ],
    ['a number as summary', take(procedure, { summary: 5 }), 'summary is 5, not a string'],
    ['a number for errors', take(procedure, { errors: 5 }), 'errors is 5, not an object'],
    ['null for errors', take(procedure, { errors: null }), 'errors is null, not an object'],
    ['topics', () => event(text, { topics: text } as never), 'did you mean topic'],
    ['null for the options of an event', () => event(text, null as never), 'its definition is null'],
    [
      'a contract without a definition',
      () => contract('a', undefined as never),
      'its definition is undefined',
    ],
    ['event', () => contract('a', { version: 1, procedures, event: {} } as never), 'did you mean events'],
    [
      'events as a number',
      () => contract('a', { version: 1, procedures, events: 5 } as never),
      'events is 5',
    ],
    [
      'events as null',
      () => contract('a', { version: 1, procedures, events: null } as never),
      'events is null',
    ],
    [
      'a number as converter',
      () => contract('a', { version: 1, procedures, toJsonSchema: 5 } as never),
      'toJsonSchema is 5, not a function',
    ],
  ])('%s', (_, define, message) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', message: expect.stringContaining(message) }),
    )
  })

  it('when it combines oneWay and idempotent', () => {
    const note = procedure({ input: text, oneWay: true, idempotent: true })
    expect(() => contract('notes', { version: 1, procedures: { note } })).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONTRACT',
        message: expect.stringContaining('notes/note is oneWay and idempotent'),
      }),
    )
  })

  it.each([
    ['items', { input: text }, 'items_of/watch has resumeFrom but no items'],
    ['an input', { items: text }, 'items_of/watch has resumeFrom but no input'],
    [
      'a caller that does not send items',
      { input: text, items: text, upload: text },
      'items_of/watch has resumeFrom and an upload',
    ],
  ])('when it has resumeFrom without %s', (_, given, message) => {
    const watch = procedure({ ...given, resumeFrom: () => 'x' } as never)
    expect(() => contract('items_of', { version: 1, procedures: { watch } })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', message: expect.stringContaining(message) }),
    )
  })

  it('with the error of a getter as its cause', () => {
    const thrown = new Error('from a getter')
    const given = {
      get summary(): string {
        throw thrown
      },
    }
    expect(() => procedure(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONTRACT', cause: thrown }),
    )
  })

  it('but accepted when every member is left out or undefined', () => {
    expect(() => procedure({ input: undefined, summary: undefined } as never)).not.toThrow()
    expect(() => event(text, {})).not.toThrow()
  })
})
