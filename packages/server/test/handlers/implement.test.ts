import { contract, procedure, RpcError } from '@frameport/protocol'
import { type Implementation, implement, runHandler } from '@frameport/server'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { handlerFacts } from '../support/handler-facts.ts'

const chat = contract('chat', {
  version: 1,
  procedures: {
    join: procedure({
      input: z.string().transform(Number),
      output: z.number(),
      errors: { FULL: z.number() },
    }),
    items: procedure({ items: z.number() }),
    files: { list: procedure({ output: z.array(z.string()) }) },
  },
})

function call(
  implementation: Implementation<never>,
  path: string,
  value?: unknown,
  signal = new AbortController().signal,
) {
  const binding = implementation.bindings.get(path)
  if (binding === undefined) throw new Error(`no binding ${path}`)
  const facts = {
    context: {},
    signal,
    ...handlerFacts,
    deadlineAtMs: undefined,
    remainingMs: () => undefined,
    metadata: {},
  }
  return runHandler(binding, facts, value === undefined ? { kind: 'none' } : { kind: 'value', value })
}

const impl = implement(chat)
const items = async function* () {
  yield 1
}
const files = { list: () => ['a'] }

describe('handlers()', () => {
  test('binds every procedure by its path', () => {
    const done = impl.handlers({ join: ({ input }) => input, items, files: impl.at('files', files) })
    expect([...done.bindings.keys()]).toEqual(['join', 'items', 'files.list'])
    expect(done.bindings.get('files.list')?.called.fullName).toBe('chat/files.list')
  })

  const loose = impl.handlers as (handlers: object) => unknown
  const other = contract('other', { version: 1, procedures: { files: { list: procedure({}) } } })
  test.each([
    ['one is missing', { items, files }, /chat\/join has no handler: add `join` to the handlers of chat/],
    ['one is missing in a group', { join: items, items, files: {} }, /chat\/files\.list has no handler/],
    ['one is unknown', { join: items, items, files, jion: items }, /chat has no "jion": did you mean join\?/],
    [
      'one has a name that the contract does not have',
      { join: items, items, files, chat: items },
      /chat has no "chat": there is join, items, files\./,
    ],
    [
      'one is not a function',
      { join: 1, items, files },
      /chat\/join needs a function as its handler, not 1\./,
    ],
    [
      'a part belongs to another contract',
      { join: items, items, files: implement(other).at('files', { list() {} }) },
      /belongs elsewhere/,
    ],
  ])('refuses when %s', (_, handlers, text) => {
    expect(() => loose(handlers)).toThrow(text)
  })
})

describe('runHandler', () => {
  test('validates the input, passes the transformed value and builds declared errors', async () => {
    const done = impl.handlers({
      join: ({ input, errors }) => {
        if (input > 9) throw errors.FULL(input)
        return input + 1
      },
      items,
      files,
    })
    expect(await call(done, 'join', '4')).toBe(5)
    await expect(call(done, 'join', '10')).rejects.toMatchObject({ code: 'FULL', data: 10, message: 'FULL' })
    await expect(call(done, 'join', 4)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(call(done, 'join')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('does not start a handler whose call was cancelled, even during the validation of its input', async () => {
    const done = impl.handlers({
      join: () => {
        throw new Error('started')
      },
      items,
      files,
    })
    const reason = new RpcError('CANCELLED', 'left')
    await expect(call(done, 'join', '4', AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  test('rejects a stream handler that does not return an AsyncIterable', async () => {
    const done = impl.handlers({ join: () => 1, items: (() => [1]) as never, files })
    await expect(call(done, 'items')).rejects.toMatchObject({ code: 'INTERNAL' })
  })
})

describe('Middlewares', () => {
  test('run from the outside in, once each, extend the context and see the answer', async () => {
    const seen: string[] = []
    const outer = impl.use(async ({ next }) => {
      seen.push('outer')
      const result = await next({ context: { a: 1 } })
      seen.push(`answered ${JSON.stringify(result.output)}`)
      return result
    })
    const inner = outer.use(({ context, next }) => {
      seen.push('inner')
      return next({ context: { b: context.a + 1 } })
    })
    const part = inner.at('files', { list: ({ context }) => [JSON.stringify(context)] })
    const done = outer.handlers({ join: () => 1, items, files: part })
    expect(await call(done, 'files.list')).toEqual(['{"a":1,"b":2}'])
    expect(seen).toEqual(['outer', 'inner', 'answered ["{\\"a\\":1,\\"b\\":2}"]'])
  })

  test('of the root apply to a part that was made without them', async () => {
    const part = impl.at('files', files)
    const guarded = impl.use(async () => {
      throw new RpcError('PERMISSION_DENIED', 'no')
    })
    const done = guarded.handlers({ join: () => 1, items, files: part })
    await expect(call(done, 'files.list')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })

  test('can refuse a call before its input is validated', async () => {
    const guarded = impl.use(async () => {
      throw new RpcError('UNAUTHENTICATED', 'who are you')
    })
    const done = guarded.handlers({ join: () => 1, items, files })
    await expect(call(done, 'join', { bad: 'input' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  test('that return an invalid output for a stream fail the call with INTERNAL, and the message names them', async () => {
    for (const output of [undefined, null, 5, 'items', [1]]) {
      const answers = impl.use((async () => ({ output })) as never) as unknown as typeof impl
      const done = answers.handlers({ join: () => 1, items, files })
      await expect(call(done, 'items', undefined)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: 'a middleware of chat/items did not return an AsyncIterable as its output',
      })
    }
  })

  test('that call next() twice, or do not return its result, fail the call', async () => {
    const twice = impl.use(async ({ next }) => {
      await next()
      return next()
    })
    await expect(call(twice.handlers({ join: () => 1, items, files }), 'join', '1')).rejects.toThrow(/twice/)
    const nothing = impl.use((async () => undefined) as never) as unknown as typeof impl
    await expect(call(nothing.handlers({ join: () => 1, items, files }), 'join', '1')).rejects.toThrow(
      /next\(\) gave/,
    )
  })
})

describe('A handler that is a generator', () => {
  const told = contract('told', {
    version: 1,
    procedures: {
      nothing: procedure({}),
      upload: procedure({ upload: z.number() }),
      oneWay: procedure({ oneWay: true }),
      any: procedure({ output: z.any() }),
    },
  })
  const run = (handler: () => unknown, path: string) => {
    const one = { nothing: handler, upload: handler, oneWay: handler, any: handler }
    return call(implement(told).handlers(one as never), path)
  }

  test.each(['nothing', 'upload', 'oneWay'])(
    'fails the call of %s, where it would never run',
    async (path) => {
      function* generator() {
        yield 1
      }
      for (const handler of [items, generator]) {
        await expect(run(handler, path)).rejects.toMatchObject({
          code: 'INTERNAL',
          message: expect.stringContaining(`the handler of told/${path} returned a generator`),
        })
      }
    },
  )

  test('is distinguished from other values, which are not checked, and from outputs, which are validated', async () => {
    for (const value of [undefined, null, 7, 'text', [1], {}, { next: 1 }])
      expect(await run(() => value, 'nothing')).toBe(value)
    const output = { next: () => 1 }
    expect(await run(() => output, 'any')).toBe(output)
  })
})

describe('Errors of a handler', () => {
  const cause = new Error('the queue')
  const failing = (details?: unknown) => {
    const handlers = {
      join: ({ errors }: never) => {
        throw (errors as never as { FULL(...args: unknown[]): unknown }).FULL(3, details)
      },
    }
    return call(impl.handlers({ ...handlers, items, files } as never), 'join', '1')
  }

  test.each([
    [undefined, { message: 'FULL' }],
    ['no seat', { message: 'no seat' }],
    [{}, { message: 'FULL' }],
    [
      { message: 'no seat', retryAfterMs: 50, cause },
      { message: 'no seat', retryAfterMs: 50, cause },
    ],
  ])('accept %o after their data', async (details, expected) => {
    await expect(failing(details)).rejects.toMatchObject({ code: 'FULL', data: 3, ...expected })
  })

  test.each([
    [7, 'the second argument of errors.FULL is 7, not a string or { message, retryAfterMs, cause }'],
    [null, 'is null, not a string or'],
    [{ retryAfter: 5 }, 'the second argument of errors.FULL has no "retryAfter": did you mean retryAfterMs?'],
    [{ message: 5 }, 'message in the second argument of errors.FULL is 5, not a string'],
  ])('refuse %o', async (details, text) => {
    await expect(failing(details)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(text),
    })
  })

  test('refuse an invalid retryAfterMs', async () => {
    await expect(failing({ retryAfterMs: -1 })).rejects.toMatchObject({ code: 'INVALID_FIELD' })
  })
})
