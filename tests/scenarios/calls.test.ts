import { getEventListeners } from 'node:events'
import { type Interceptor, safe } from '@frameport/client'
import { issuesOf, RpcError } from '@frameport/protocol'
import { describe, expect } from 'vitest'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

describe('A call', () => {
  inEveryWorld((stage, scenario) => {
    scenario(
      'returns the validated output, also for a nested procedure, raw bytes, no output, and before the connection is open',
      async () => {
        const { world, server } = stage()
        const client = await world.connect(server, lab)
        expect(client.$connection.state).toBe('connecting')
        const calls = Promise.all([
          client.echo({ text: 'héllo 🎈' }),
          client.tools.deep.add({ a: 2, b: 40 }),
          client.blob(Uint8Array.of(0, 1, 255)),
          client.nothing(),
        ])
        expect(await world.run(calls)).toEqual([
          { text: 'héllo 🎈' },
          42,
          Uint8Array.of(255, 254, 0),
          undefined,
        ])
        expect(client.$connection.state).toBe('open')
      },
    )

    scenario(
      'reaches its handler with the context from the hello, extended by the middleware, and with its metadata',
      async () => {
        const { world, server } = stage()
        const client = await world.connect(server, lab, { auth: 'root' })
        const who = client.who({ metadata: { hint: 'a hint' } })
        expect(await world.run(who)).toEqual({ user: 'root', role: 'administrator', metadata: 'a hint' })
      },
    )

    scenario('with an invalid input fails with the issues found, and the connection stays open', async () => {
      const { world, server, log } = stage()
      const client = await world.connect(server, lab)
      const bad = await world.run(safe(client.echo({ text: 5 } as never)))
      expect(bad.ok).toBe(false)
      expect(bad.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(issuesOf(bad.error as RpcError)?.[0]?.path).toBe('text')
      expect(await world.run(client.echo({ text: 'fine' }))).toEqual({ text: 'fine' })
      expect(log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    })

    scenario(
      'fails with declared and standard errors unchanged, and hides all other errors behind INTERNAL',
      async () => {
        const { world, server, log } = stage()
        const client = await world.connect(server, lab)
        const declared = await world.run(safe(client.fail({ how: 'declared' })))
        if (declared.ok || declared.error.code !== 'NAME_TAKEN') throw new Error('expected NAME_TAKEN')
        expect(declared.error.data.suggestion).toBe('guest2')
        expect(declared.error.message).toBe('That name is taken.')
        const standard = await world.run(safe(client.fail({ how: 'standard' })))
        expect(standard.error).toMatchObject({ code: 'NOT_FOUND', message: 'There is no such thing.' })
        for (const how of ['undeclared', 'plain'] as const) {
          const hidden = await world.run(safe(client.fail({ how })))
          expect(hidden.error?.code).toBe('INTERNAL')
          expect(hidden.error?.message).not.toMatch(/password|12345|MILK|shopping/)
          const reference = /under (\S+)\.$/.exec(hidden.error?.message ?? '')?.[1]
          const logged = log.find(
            ({ level, facts }) => level === 'error' && `${facts.connection}/${facts.call}` === reference,
          )
          expect(String(logged?.facts.err)).toMatch(/password|shopping/)
        }
      },
    )

    scenario(
      'fails with DEADLINE_EXCEEDED on both sides, whether or not the handler checks its signal',
      async () => {
        const { world, server, record } = stage()
        const client = await world.connect(server, lab)
        await world.run(client.$connection.opened())
        const failed = await world.run(
          Promise.all([
            safe(client.stuck({ deadlineMs: 40 })),
            safe(client.wait({ text: 'late' }, { deadlineMs: 40 })),
          ]),
        )
        expect(failed.map(({ error }) => error?.code)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
        await world.eventually(
          'both handlers were told',
          () => record.signals.filter(({ aborted }) => aborted).length === 2,
        )
        expect(record.signals).toHaveLength(2)
        const left = await world.run(client.remaining({ deadlineMs: 5_000 }))
        expect(left.ms).toBeGreaterThan(1_000)
        expect(left.ms).toBeLessThanOrEqual(5_000)
        expect((await world.run(client.remaining())).ms).toBeUndefined()
      },
    )

    scenario('is cancelled at once by its signal, and aborts the signal of the handler', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      const controller = new AbortController()
      const call = safe(client.stuck({ signal: controller.signal }))
      await world.eventually('the handler runs', () => record.started === 1)
      controller.abort(new Error('changed my mind'))
      const { error } = await world.run(call)
      expect(error?.code).toBe('CANCELLED')
      expect(error?.cause).toMatchObject({ message: 'changed my mind' })
      await world.eventually('the handler was told', () => record.signals[0]?.aborted === true)
    })

    scenario('is not sent if its signal is already aborted', async () => {
      const { world, server, record } = stage()
      const client = await world.connect(server, lab)
      await world.run(client.$connection.opened())
      const { error } = await world.run(safe(client.stuck({ signal: AbortSignal.abort() })))
      expect(error?.code).toBe('CANCELLED')
      await world.run(client.nothing())
      expect(record.started).toBe(0)
    })

    scenario('shares one abort listener with all calls of its client that use the same signal', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const controller = new AbortController()
      const { signal } = controller
      const calls = Array.from({ length: 30 }, () => safe(client.stuck({ signal })))
      const streams = Array.from({ length: 30 }, () => safe(client.silence({ signal }).next() as never))
      await world.run(client.echo({ text: 'x' }, { signal }))
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      controller.abort()
      const codes = (await world.run(Promise.all([...calls, ...streams]))).map(({ error }) => error?.code)
      expect(codes).toEqual(Array.from({ length: 60 }, () => 'CANCELLED'))
      expect(getEventListeners(signal, 'abort')).toEqual([])
    })

    scenario('leaves no abort listener on a signal that outlives the call', async () => {
      const { world, server } = stage()
      const client = await world.connect(server, lab)
      const { signal } = new AbortController()
      let listeners = 0
      const add = signal.addEventListener.bind(signal)
      const remove = signal.removeEventListener.bind(signal)
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++
        add(...args)
      }
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--
        remove(...args)
      }
      await world.run(client.echo({ text: 'x' }, { signal }))
      const stream = client.count({ to: 1_000 }, { signal })
      await world.run(stream.next())
      expect(listeners).toBe(1)
      await world.run(stream.return())
      await world.run(safe(client.stuck({ signal, deadlineMs: 20 })))
      expect(listeners).toBe(0)
    })

    scenario(
      'passes through interceptors, with the first as the outermost, and they may change or repeat it',
      async () => {
        const { world, server } = stage()
        const order: string[] = []
        const outer: Interceptor = async (call, next) => {
          order.push(`outer ${call.procedure.fullName}`)
          const output = await next({ ...call, metadata: { ...call.metadata, hint: 'from outside' } })
          order.push('outer back')
          return output
        }
        const retry: Interceptor = async (call, next) => {
          if (call.procedure.path !== 'who') return next(call)
          await next(call)
          return next(call)
        }
        const inner: Interceptor = async (call, next) => {
          order.push(`inner ${call.metadata.hint}`)
          return next(call)
        }
        const client = await world.connect(server, lab, { interceptors: [outer, retry, inner] })
        expect(await world.run(client.who())).toMatchObject({ metadata: 'from outside' })
        expect(order).toEqual(['outer lab/who', 'inner from outside', 'inner from outside', 'outer back'])
        const items: number[] = []
        const reading = (async () => {
          for await (const item of client.count({ to: 3 })) items.push(item)
        })()
        await world.run(reading)
        expect(items).toEqual([1, 2, 3])
      },
    )

    scenario('may be answered by an interceptor, and then is not sent to the server', async () => {
      const { world, server, record } = stage()
      const answers: Readonly<Record<string, () => unknown>> = {
        'tools.deep.add': () => 42,
        stuck: () => undefined,
        async *silence() {
          yield* [7, 8]
        },
      }
      const known: Interceptor = async (call, next) => {
        const answer = answers[call.procedure.path]
        return answer === undefined ? next(call) : answer()
      }
      const client = await world.connect(server, lab, { interceptors: [known] })
      expect(await world.run(client.tools.deep.add({ a: 1, b: 2 }))).toBe(42)
      expect(await world.run(client.stuck())).toBeUndefined()
      const items: number[] = []
      const reading = (async () => {
        for await (const item of client.silence()) items.push(item)
      })()
      await world.run(reading)
      expect(items).toEqual([7, 8])
      expect(await world.run(client.echo({ text: 'passed on' }))).toEqual({ text: 'passed on' })
      expect([record.started, record.signals]).toEqual([0, []])
    })

    scenario(
      'fails with an RpcError if an interceptor throws, with the thrown error as its cause',
      async () => {
        const { world, server } = stage()
        const broken: Interceptor = () => Promise.reject(new TypeError('oops'))
        const client = await world.connect(server, lab, { interceptors: [broken] })
        const { error } = await world.run(safe(client.nothing()))
        expect(RpcError.is(error) && error.code).toBe('UNKNOWN')
        expect(error?.cause).toBeInstanceOf(TypeError)
      },
    )
  })
})
