import { procedure, RpcError } from '@frameport/protocol'
import { bindHandlers, type ErasedMiddleware, runHandler } from '@frameport/protocol/serving'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { failureOf, served } from '../support/served-call.ts'

const unary = procedure({ output: z.number() })

interface Args {
  readonly signal: AbortSignal
  readonly remainingMs: () => number | undefined
}

/** A call that counts how often its signal was read. */
function counting() {
  const { signal } = new AbortController()
  const counted = {
    asked: 0,
    call: {
      isAborted: false,
      get signal() {
        counted.asked += 1
        return signal
      },
    },
  }
  return { counted, signal }
}

const goesOn: ErasedMiddleware = ({ next }) => next()

describe('the signal of a call', () => {
  it.each([
    ['a handler', []],
    ['a handler after a middleware', [goesOn]],
  ])('is not created when %s does not read it', async (_who, middlewares) => {
    const { counted } = counting()
    const call = served(unary, () => 1, { middlewares, call: counted.call })
    await call.done
    expect(call.sent).toHaveLength(1)
    expect(counted.asked).toBe(0)
  })

  it('is the signal of the call when the arguments are destructured or spread', async () => {
    const { counted, signal } = counting()
    const seen: unknown[] = []
    const handler = (args: Args) => {
      const { signal } = args
      seen.push(signal, { ...args }.signal, Object.keys(args).includes('signal'))
      return 1
    }
    await served(unary, handler, { call: counted.call }).done
    expect(seen).toEqual([signal, signal, true])
  })

  it('prevents the handler from running when the call was cancelled during a middleware', async () => {
    let called = 0
    const cancels: ErasedMiddleware = async ({ next }) => {
      await undefined
      call.controller.abort(new RpcError('CANCELLED', 'the caller has left'))
      return next()
    }
    const call = served(unary, () => ++called, { middlewares: [cancels] })
    await call.done
    expect(failureOf(call)).toMatchObject({ code: 'CANCELLED' })
    expect(called).toBe(0)
  })
})

describe('each handler and middleware of a call', () => {
  it('has its own facts: members that one adds are not visible to another', async () => {
    const seen: (readonly string[])[] = []
    const adds: ErasedMiddleware = (args) => {
      Object.assign(args, { added: true })
      return args.next()
    }
    const watches: ErasedMiddleware = (args) => {
      seen.push(Object.keys(args))
      return args.next()
    }
    await served(unary, (args: Args) => seen.push(Object.keys(args)), { middlewares: [adds, watches] }).done
    const [ofMiddleware = [], ofHandler = []] = seen
    const shared = ['deadlineAtMs', 'metadata', 'procedure', 'remainingMs', 'signal']
    expect([...ofMiddleware].sort()).toEqual([...shared, 'next'].sort())
    expect([...ofHandler].sort()).toEqual([...shared, 'errors', 'input'].sort())
  })

  it('gets no remaining time without a deadline, and otherwise what is left', async () => {
    const left: (number | undefined)[] = []
    const handler = ({ remainingMs }: Args) => left.push(remainingMs())
    await served(unary, handler).done
    await served(unary, handler, { call: { deadlineAtMs: 40 } }).done
    await served(unary, handler, { call: { deadlineAtMs: -40 } }).done
    expect(left).toEqual([undefined, 40, 0])
  })
})

it('runHandler does not change the facts that it is given', async () => {
  const facts = Object.freeze({
    signal: new AbortController().signal,
    deadlineAtMs: undefined,
    remainingMs: () => undefined,
    metadata: {},
  })
  const [binding] = bindHandlers({ label: 'kinds/unary', target: unary, middlewares: [goesOn] }, () => 1)
  expect(await runHandler(binding!, facts, { kind: 'none' })).toBe(1)
  expect(Object.keys(facts)).not.toContain('input')
})
