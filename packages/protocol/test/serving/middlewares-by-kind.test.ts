import { procedure } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bindHandlers } from '../../src/serving/bind-handlers.ts'
import type { ErasedMiddleware } from '../../src/serving/handler-types.ts'
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

  it('may not give a context where handlers have none', async () => {
    const widening: ErasedMiddleware = ({ next }) => next({ context: { user: 1 } })
    const [binding] = bindHandlers({ label: 'kinds', target, middlewares: [widening] }, handlers)
    if (binding === undefined) throw new Error('nothing was bound')
    await expect(runHandler(binding, facts, { kind: 'none' })).rejects.toThrow(
      'gave next() a context, and handlers of a client have none',
    )
  })
})
