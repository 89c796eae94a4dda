import { procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bindHandlers } from '../../src/serving/bind-handlers.ts'
import type { ErasedMiddleware, HandlerBinding } from '../../src/serving/handler-types.ts'
import { runHandler } from '../../src/serving/run-handler.ts'

const target = {
  unary: procedure({ output: z.number() }),
  stream: procedure({ items: z.number() }),
  upload: procedure({ upload: z.number(), output: z.number() }),
  both: procedure({ upload: z.number(), items: z.number() }),
  oneWay: procedure({ input: z.number(), oneWay: true }),
}
const items = async function* () {
  yield 1
}
const handlers = { unary: () => 1, stream: items, upload: () => 1, both: items, oneWay: () => undefined }
const facts = {
  signal: new AbortController().signal,
  deadlineAtMs: undefined,
  remainingMs: () => undefined,
  metadata: {},
}
const keepContext =
  () =>
  <Result>(run: () => Result) =>
    run()

/** The binding of the procedure with this name, with these middlewares. */
function bound(path: keyof typeof target, ...middlewares: readonly ErasedMiddleware[]): HandlerBinding {
  const bindings = bindHandlers({ label: 'kinds', target, middlewares }, handlers)
  return bindings.find((binding) => binding.path === path)!
}

/** A host that does not count calls of next() that are still open. */
const uncounted = { nextBegan() {}, nextEnded() {} }

describe('a middleware', () => {
  const seen: string[] = []
  const watching: ErasedMiddleware = ({ procedure: { path }, next }) => {
    seen.push(path)
    return next()
  }
  const bindings = bindHandlers({ label: 'kinds', target, middlewares: [watching] }, handlers)

  it.each(bindings.map((binding) => [binding.path, binding] as const))(
    'runs around a call of %s',
    async (path, binding) => {
      const input = path === 'oneWay' ? { kind: 'value' as const, value: 1 } : { kind: 'none' as const }
      const output = await runHandler(binding, facts, input)
      expect(seen).toContain(path)
      if (path === 'stream' || path === 'both') expect(output).toHaveProperty('next')
      else expect(output).toBe(path === 'oneWay' ? undefined : 1)
    },
  )

  it('may not pass a context on a client, whose handlers have none', async () => {
    const widening: ErasedMiddleware = ({ next }) => next({ context: { user: 1 } })
    const [binding] = bindHandlers({ label: 'kinds', target, middlewares: [widening] }, handlers)
    if (binding === undefined) throw new Error('nothing was bound')
    await expect(runHandler(binding, facts, { kind: 'none' })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('gave next() a context, but handlers of a client have none'),
    })
  })

  it('may ask to watch a call that cannot be watched', async () => {
    const watching: ErasedMiddleware = ({ next }) => next({ onItem() {}, onEnd() {} })
    expect(await runHandler(bound('unary', watching), facts, { kind: 'none' })).toBe(1)
  })

  it('may watch either items or the end, and is refused when one of the two is invalid', async () => {
    const observed: object[] = []
    const observe = (observer: object) => void observed.push(observer)
    const watching: ErasedMiddleware = ({ next }) => next({ onItem() {} })
    await runHandler(
      bound('stream', watching),
      facts,
      { kind: 'none' },
      { ...uncounted, observe, keepContext },
    )
    expect(observed).toHaveLength(1)
    const wrong: ErasedMiddleware = ({ next }) => next({ onItem() {}, onEnd: 5 as never })
    await expect(runHandler(bound('stream', wrong), facts, { kind: 'none' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
  })

  it('ends the items of a handler when it leaves them', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }
    const [binding] = bindHandlers(
      { label: 'kinds/stream', target: target.stream, middlewares: [] },
      () => source,
    )
    const host = { ...uncounted, observe() {}, keepContext }
    const output = (await runHandler(binding!, facts, { kind: 'none' }, host)) as AsyncIterable<number>
    expect(await output[Symbol.asyncIterator]().return?.()).toEqual({ done: true, value: undefined })
  })
})

it('a handler gets an upload only if its procedure has one', async () => {
  const names = async (path: 'unary' | 'upload') => {
    let given: readonly string[] = []
    const handler = (args: object) => {
      given = Object.keys(args)
      return 1
    }
    const [binding] = bindHandlers({ label: `kinds/${path}`, target: target[path], middlewares: [] }, handler)
    await runHandler(binding!, facts, { kind: 'none' })
    return given
  }
  expect(await names('unary')).not.toContain('upload')
  expect(await names('upload')).toContain('upload')
})
