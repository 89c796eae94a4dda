import { createClient } from '@frameport/client'
import { createServer, type ServerOptions } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { reachingProcess, waysToFail } from '../support/failing-callbacks.ts'
import { lab } from './lab-contract.ts'
import { createLab, type LabContext } from './lab-handlers.ts'
import { type LogEntry, setStage } from './setup.ts'
import { worlds } from './worlds/worlds.ts'

/**
 * A step of the set-up of a connection, named after the option whose function fails. It fails only for the first
 * connection.
 */
const steps = ['context', 'onConnection', 'onDisconnect', 'log'] as const

function failingOptions(
  step: (typeof steps)[number],
  fail: () => unknown,
): Partial<ServerOptions<LabContext>> {
  let first = true
  const once = (otherwise: unknown) => () => {
    if (!first) return otherwise
    first = false
    return fail()
  }
  switch (step) {
    case 'context':
      return { context: once({ user: 'guest' }) as () => LabContext }
    case 'log': {
      const line = fail as () => undefined
      return { log: { debug: line, info: line, warn: line, error: line } }
    }
    default:
      return { [step]: once(undefined) }
  }
}

for (const { name, open, absent } of worlds) {
  describe.skipIf(absent !== undefined)(`A connection whose set-up fails, in ${name}`, () => {
    for (const step of steps) {
      it.each(waysToFail)(
        `in ${step} that %s, is ended and not counted, and the next connection works`,
        async (_way, fail) => {
          const world = open()
          const thrown = new Error(`from ${step}`)
          const stage = setStage(
            world,
            failingOptions(step, () => fail(thrown)),
          )
          const reached = await reachingProcess(async () => {
            const first = await world.connect(stage.server, lab)
            if (step === 'onDisconnect') await first.$close()
            if (step !== 'log') await world.run(first.$connection.closed())
            await world.eventually('it is gone', () => step === 'log' || stage.server.connections.size === 0)
            const second = await world.connect(stage.server, lab)
            expect(await world.run(second.tools.deep.add({ a: 1, b: 2 }))).toBe(3)
            await world.close(stage.server)
          })
          expect(reached.unhandled).toEqual([])
          if (step === 'log') {
            expect(new Set(reached.uncaught)).toEqual(new Set([thrown]))
            return
          }
          expect(reached.uncaught).toEqual([])
          const errors = stage.log.filter(({ level }) => level === 'error')
          expect(errors.map(({ facts }: LogEntry) => facts.err)).toEqual([thrown])
        },
      )
    }
  })
}

describe('A stream passed to accept', () => {
  const faults: Readonly<
    Record<string, (clock: ReturnType<typeof createVirtualClock>) => Partial<ServerOptions<LabContext>>>
  > = {
    'first timer': (clock) => ({ environment: { ...failingAt(clock, 'setTimer', 1) } }),
    'second timer': (clock) => ({ environment: { ...failingAt(clock, 'setTimer', 2) } }),
    'first look at the clock': (clock) => ({ environment: { ...failingAt(clock, 'nowMs', 1) } }),
  }

  it.each(Object.keys(faults))('is aborted if the %s of its session throws', async (name) => {
    const clock = createVirtualClock()
    const pair = createMemoryPair()
    const server = createServer<LabContext>(createLab().implementation, {
      log: false,
      ...faults[name]?.(clock),
      context: () => ({ user: 'guest' }),
    })
    try {
      server.accept(pair.b)
    } catch (error) {
      expect(error).toMatchObject({ message: 'this environment fails' })
    }

    const client = createClient(lab, pair.a, { environment: clock })
    await clock.until(client.$connection.closed())
    await clock.settle()
    expect([server.connections.size, pair.leftOvers(), clock.leftOvers()]).toEqual([0, [], []])
    await server.close()
  })

  it('is aborted if it cannot be started', async () => {
    const { b } = createMemoryPair()
    b.start({ data() {}, end() {}, drain() {}, close() {} })
    const server = createServer<LabContext>(createLab().implementation, {
      context: () => ({ user: 'guest' }),
      log: false,
    })
    expect(() => server.accept(b)).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
    expect([b.state, server.connections.size]).toEqual(['closed', 0])
    await server.close()
  })
})

/** An environment in which one function throws at its nth call. */
function failingAt(clock: ReturnType<typeof createVirtualClock>, name: 'setTimer' | 'nowMs', at: number) {
  let calls = 0
  const failing =
    <Arguments extends unknown[], Result>(run: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      calls++
      if (calls === at) throw new Error('this environment fails')
      return run(...args)
    }
  const nowMs = () => clock.nowMs()
  const setTimer = (delayMs: number, callback: () => void) => clock.setTimer(delayMs, callback)
  return {
    random: () => 0.5,
    nowMs: name === 'nowMs' ? failing(nowMs) : nowMs,
    setTimer: name === 'setTimer' ? failing(setTimer) : setTimer,
  }
}
