import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contractLimits, parseBody, parseFailure, parseWith, toBody } from '../../src/contract/index.ts'
import { bytes, issuesOf, procedure, type Schema } from '../../src/index.ts'
import { ProtocolError } from '../../src/protocol-error.ts'
import { RpcError } from '../../src/rpc-error.ts'

async function errorOf(schema: Schema, value: unknown): Promise<RpcError> {
  const parsed = await parseWith(schema, value, { what: 'the input of chat/join' })
  if (parsed.ok) throw new Error('it was valid')
  return parsed.error
}

/** zod would run it twice and would not handle the first rejection; see the README. */
const rejecting: Schema = {
  '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('secret')) },
}

describe('parseWith', () => {
  test('is synchronous for a synchronous schema, and applies its transforms', () => {
    expect(parseWith(z.string().transform(Number), '7')).toEqual({ ok: true, value: 7 })
    expect(parseWith(v.pipe(v.string(), v.transform(Number)), '7')).toEqual({ ok: true, value: 7 })
  })

  test('awaits an asynchronous validator', async () => {
    const free = z.string().refine(async (name) => name !== 'taken', 'is taken')
    expect(await parseWith(free, 'free')).toEqual({ ok: true, value: 'free' })
    expect((await errorOf(free, 'taken')).code).toBe('INVALID_ARGUMENT')
  })

  test.each([
    ['zod', z.object({ people: z.array(z.object({ name: z.string() })) })],
    ['valibot', v.object({ people: v.array(v.object({ name: v.string() })) })],
  ])('names the place of a wrong value, with %s', async (_, schema) => {
    const error = await errorOf(schema, { people: [{ name: 'a' }, { name: 1 }] })
    expect(error.code).toBe('INVALID_ARGUMENT')
    expect(error.message).toMatch(/^the input of chat\/join is not valid at people\.1\.name: /)
    expect(issuesOf(error)).toEqual([{ path: 'people.1.name', text: expect.stringMatching(/expected/i) }])
  })

  test.each([
    ['at', contractLimits.issuesMax, 0],
    ['one over', contractLimits.issuesMax + 1, 1],
    ['far over', 50_000, 50_000 - contractLimits.issuesMax],
  ])('reports a limited number of issues: %s the limit', async (_, bad, leftOut) => {
    const error = await errorOf(z.array(z.string()), new Array(bad).fill(1))
    expect(issuesOf(error)).toHaveLength(Math.min(bad, contractLimits.issuesMax))
    expect(error.data).toMatchObject({ issuesLeftOut: leftOut })
  })

  test('limits the texts and paths that the peer chose, and replaces control characters', async () => {
    const echo = z.record(
      z.string(),
      z.custom(() => false, { error: (issue) => `\u001b[2J${issue.input}` }),
    )
    const error = await errorOf(echo, { [`k\u0007${'e'.repeat(10_000)}`]: 'v'.repeat(10_000) })
    const [issue] = issuesOf(error) ?? []
    expect(issue?.path).toHaveLength(contractLimits.issuePathLengthMax)
    expect(issue?.text).toHaveLength(contractLimits.issueTextLengthMax)
    expect(`${issue?.path}${issue?.text}${error.message}`).not.toMatch(/\p{Cc}/u)
  })

  test.each([
    [
      'throws',
      z.string().refine(() => {
        throw new Error('secret')
      }),
    ],
    ['rejects', rejecting],
  ])('fails with INTERNAL, and keeps the cause on this side, when a validator %s', async (_, schema) => {
    const error = await errorOf(schema, 'x')
    expect(error.code).toBe('INTERNAL')
    expect(error.message).not.toMatch(/secret/)
    expect(error.cause).toMatchObject({ message: 'secret' })
  })
})

describe('bodies', () => {
  test('a value, bytes and nothing arrive as they were sent', async () => {
    const raw = new Uint8Array([1, 2])
    for (const [schema, value] of [
      [z.string(), 'a'],
      [bytes(), raw],
      [undefined, undefined],
    ] as const) {
      expect(await parseBody(schema, toBody(schema, value))).toEqual({ ok: true, value })
    }
    expect(await parseBody(z.string().optional(), toBody(z.string().optional(), undefined))).toEqual({
      ok: true,
    })
  })

  test('a body of another kind than that of the schema is invalid', async () => {
    const raw = { kind: 'raw', bytes: new Uint8Array(1) } as const
    const value = { kind: 'value', value: 1 } as const
    for (const [schema, body] of [
      [z.number(), raw],
      [bytes(), value],
      [undefined, value],
      [bytes(), { kind: 'none' }],
    ] as const) {
      const parsed = await parseBody(schema, body)
      expect(parsed.ok ? 'valid' : parsed.error.code).toBe('INVALID_ARGUMENT')
    }
  })

  test('only a Uint8Array is sent as bytes', () => {
    expect(() => toBody(bytes(), 'text')).toThrow(ProtocolError)
    expect(() => toBody(bytes(), new Uint16Array(1))).toThrow(/Uint8Array/)
  })
})

describe('parseFailure', () => {
  const join = procedure({ errors: { NAME_TAKEN: z.object({ free: z.string().transform(Number) }) } })
  const parse = (error: RpcError) => parseFailure(join, 'chat/join', error)

  test('validates the data of codes in the contract, and keeps standard codes', async () => {
    const taken = await parse(
      new RpcError('NAME_TAKEN', 'taken', { data: { free: '7' }, maybeExecuted: true }),
    )
    expect(taken).toMatchObject({
      code: 'NAME_TAKEN',
      message: 'taken',
      data: { free: 7 },
      maybeExecuted: true,
    })
    expect(taken.procedure).toBe('chat/join')
  })

  test('makes a copy of a failure with a standard code, with all of its facts and the procedure', async () => {
    const facts = { data: [1], maybeExecuted: true, retryAfterMs: 3, cause: new Error('socket') }
    const gone = new RpcError('UNAVAILABLE', 'gone', facts)
    const given = await parse(gone)
    expect(given).not.toBe(gone)
    expect(given).toMatchObject({ code: 'UNAVAILABLE', message: 'gone', procedure: 'chat/join', ...facts })
    expect(given.cause).toBe(facts.cause)
  })

  test('awaits a schema that validates the data asynchronously, and drops data that it refuses', async () => {
    const data = z.object({ free: z.string() }).refine(async ({ free }) => free !== '', 'is empty')
    const own = procedure({ errors: { NAME_TAKEN: data.transform(async ({ free }) => Number(free)) } })
    const of = (free: string) => {
      const error = new RpcError('NAME_TAKEN', 'taken', { data: { free }, retryAfterMs: 5 })
      return { error, given: parseFailure(own, 'chat/join', error) }
    }
    expect(await of('7').given).toMatchObject({ code: 'NAME_TAKEN', data: 7, retryAfterMs: 5 })
    const refused = of('')
    expect(await refused.given).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('is empty'),
      retryAfterMs: 5,
      cause: refused.error,
    })
  })

  test('replaces a failure that the contract does not define by one with a standard code, with the cause', async () => {
    const odd = new RpcError('NAME_TAKEN', 'taken', { data: {} })
    expect(await parse(odd)).toMatchObject({ code: 'INTERNAL', cause: odd })
    const unknown = new RpcError('toString', 'x')
    expect(await parse(unknown)).toMatchObject({ code: 'UNKNOWN', cause: unknown })
  })
})
