import { createClient } from '@frameport/client'
import { tcp } from '@frameport/client/tcp'
import { defaultConnectionLimits } from '@frameport/protocol/session'
import { createServer, implement, serverLimits } from '@frameport/server'
import { createMemoryPair, createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { lab } from './lab-contract.ts'
import { createLab, type LabContext } from './lab-handlers.ts'
import { days30, make, refusal } from './wrong-options.ts'

const connect = (options: object) => {
  const client = createClient(lab, createMemoryPair().a, options)
  void client.$close()
}

describe('createServer', () => {
  it.each(Object.keys({ ...serverLimits, ...defaultConnectionLimits }))(
    'refuses a wrong limit %s',
    (name) => {
      for (const value of [-1, Number.NaN, '1']) {
        expect(() => make({ limits: { [name]: value } })).toThrow(refusal('INVALID_LIMITS', name))
      }
    },
  )

  it.each([
    [{ limits: { heartbeatTimeoutMs: 0 } }, 'INVALID_LIMITS', 'heartbeatTimeoutMs is 0'],
    [
      { limits: { bodyBytesMax: 100_000, bodiesPartialBytesMax: 99_999 } },
      'INVALID_LIMITS',
      'is over bodiesPartialBytesMax',
    ],
    [
      { limits: { resumeBytes: 65_535 } },
      'INVALID_LIMITS',
      'resumeBytes is 65535: it must be 0 or at least 65536',
    ],
    [{ limits: { resumeWindowMs: 0 } }, 'INVALID_LIMITS', 'resumeWindowMs'],
    [{ limits: { resumeAckMs: -1 } }, 'INVALID_LIMITS', 'resumeAckMs'],
    [{ limits: { detachedMax: 0 } }, 'INVALID_LIMITS', 'detachedMax is 0, not a positive integer'],
    [{ limits: { detachedPerShareMax: Number.POSITIVE_INFINITY } }, 'INVALID_LIMITS', 'detachedPerShareMax'],
    [
      { maxConnectionAgeMs: 0 },
      'INVALID_OPTION',
      'maxConnectionAgeMs is 0, not a number of milliseconds of at least 1',
    ],
    [{ maxConnectionAgeMs: Number.NaN }, 'INVALID_OPTION', 'maxConnectionAgeMs is NaN'],
    [{ maxConnectionAgeMs: 2 ** 53 }, 'INVALID_OPTION', 'maxConnectionAgeMs'],
    [{ resume: 'yes' }, 'INVALID_OPTION', 'resume is "yes", not a boolean'],
    [{ principal: 'ada' }, 'INVALID_OPTION', 'principal is "ada", not a function'],
    [{ onDetached: 5 }, 'INVALID_OPTION', 'onDetached is 5, not a function'],
    [{ resume: true, limits: { resumeBytes: 0 } }, 'INVALID_OPTION', 'limits.resumeBytes is 0'],
    [{ limits: { transportCloseTimeoutMs: days30 } }, 'INVALID_LIMITS', 'transportCloseTimeoutMs'],
    [{ limits: { logTimeoutMs: days30 } }, 'INVALID_LIMITS', 'logTimeoutMs'],
    [{ limits: { busTimeoutMs: days30 } }, 'INVALID_LIMITS', 'busTimeoutMs'],
    [{ eventBus: {} }, 'INVALID_OPTION', 'eventBus'],
    [{ limits: { serverTurnMs: 0 } }, 'INVALID_LIMITS', 'serverTurnMs is 0, not a positive integer'],
    [{ limits: { memoryBytesMax: 1 } }, 'INVALID_LIMITS', 'it must be at least 2097152'],
    [{ limits: { memoryBytesMax: 2_097_151 } }, 'INVALID_LIMITS', 'it must be at least 2097152'],
    [
      { limits: { memoryBytesMax: 524_287, frameBytesMax: 4_096 } },
      'INVALID_LIMITS',
      'it must be at least 524288, since frameBytesMax is 4096',
    ],
    [
      { limits: { sessionMemoryBytesMax: 65_535 } },
      'INVALID_LIMITS',
      'below 65536 no call could be accepted',
    ],
    [{ limits: { serverTurnMs: Number.NaN } }, 'INVALID_LIMITS', 'serverTurnMs'],
    [{ limits: { refusedRetryAfterMs: -1 } }, 'INVALID_LIMITS', 'refusedRetryAfterMs'],
    [{ limits: { conectionsMax: 5 } }, 'INVALID_LIMITS', 'did you mean connectionsMax?'],
    [{ limits: { CONNECTIONSMAX: 5 } }, 'INVALID_LIMITS', 'did you mean connectionsMax?'],
    [{ limits: 5 }, 'INVALID_OPTION', 'limits is 5, not an object'],
    [{ onConection() {} }, 'INVALID_OPTION', 'did you mean onConnection?'],
    [{ onConnection: 'yes' }, 'INVALID_OPTION', 'onConnection is "yes", not a function'],
    [{ clientCalls: 5 }, 'INVALID_OPTION', 'clientCalls is 5, not an object'],
    [{ clientCalls: { interceptor: [] } }, 'INVALID_OPTION', 'clientCalls has no "interceptor"'],
    [{ clientCalls: { interceptors: 5 } }, 'INVALID_OPTION', 'clientCalls.interceptors is 5, not an array'],
    [
      { clientCalls: { interceptors: [1] } },
      'INVALID_OPTION',
      'clientCalls.interceptors[0] is 1, not a function',
    ],
    [
      { clientCalls: { defaultDeadlineMs: 0 } },
      'INVALID_OPTION',
      'clientCalls.defaultDeadlineMs is 0, not a number',
    ],
    [
      { clientCalls: { defaultDeadlineMs: Number.NaN } },
      'INVALID_OPTION',
      'clientCalls.defaultDeadlineMs is NaN',
    ],
    [{ clientCalls: { inheritDeadline: 1 } }, 'INVALID_OPTION', 'clientCalls.inheritDeadline is 1'],
    [{ log: null }, 'INVALID_OPTION', 'log is null'],
    [{ log: 'x' }, 'INVALID_OPTION', 'log is "x", not a Logger or false'],
    [{ log: true }, 'INVALID_OPTION', 'log is true, not a Logger'],
    [{ context: 5 }, 'INVALID_OPTION', 'context is 5, not a function'],
    [{ log: {} }, 'INVALID_OPTION', 'log is an object without the methods debug, info, warn, error'],
    [{ backend: 'nett' }, 'INVALID_OPTION', 'backend is "nett", not one of auto, iocp, io_uring, epoll, net'],
    [{ backend: 5 }, 'INVALID_OPTION', 'backend is 5, not a string'],
    [
      { completionPort: {} },
      'INVALID_OPTION',
      'completionPort is an object without the methods listen, connect, close',
    ],
    [{ environment: {} }, 'INVALID_OPTION', 'environment is an object without the methods nowMs'],
    [{ context: 'guest' }, 'INVALID_OPTION', 'context is "guest", not a function'],
  ])('refuses %j', (options, code, text) => {
    expect(() => make(options)).toThrow(refusal(code, text))
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a contract without handlers', lab],
    ['undefined', [undefined]],
  ])('refuses %s in place of an implementation', (shown, given) => {
    expect(() => createServer(given as never)).toThrow(refusal('INVALID_CONTRACT', `not ${shown}: give`))
    if (shown !== 'a contract without handlers')
      expect(() => implement(given as never)).toThrow(refusal('INVALID_CONTRACT', 'implement() needs a'))
  })

  it('refuses null as its options', () => {
    const make = () => createServer<LabContext>(createLab().implementation, null as never)
    expect(make).toThrow(refusal('INVALID_OPTION', 'options is null'))
  })
})

describe('createClient', () => {
  it.each([
    [{ limits: { heartbeatTimeoutMs: 0 } }, 'INVALID_LIMITS', 'heartbeatTimeoutMs is 0'],
    [{ limits: { streamWindowItem: 5 } }, 'INVALID_LIMITS', 'did you mean streamWindowItems?'],
    [{ limits: { connectTimeoutMs: days30 } }, 'INVALID_LIMITS', 'connectTimeoutMs'],
    [{ limits: { silentListenerMs: days30 } }, 'INVALID_LIMITS', 'silentListenerMs'],
    [{ limits: { connectTimeoutMs: Number.POSITIVE_INFINITY } }, 'INVALID_LIMITS', 'connectTimeoutMs'],
    [{ defaultDeadlineMs: Number.NaN }, 'INVALID_OPTION', 'defaultDeadlineMs is NaN'],
    [{ defaultDeadlineMs: Number.POSITIVE_INFINITY }, 'INVALID_OPTION', 'omit it for no deadline'],
    [{ defaultDeadlineMs: '500' }, 'INVALID_OPTION', 'defaultDeadlineMs'],
    [{ deadlineMs: 500 }, 'INVALID_OPTION', 'options has no "deadlineMs"'],
    [{ onUncought() {} }, 'INVALID_OPTION', 'did you mean onUncaught?'],
    [{ onUncaught: 1 }, 'INVALID_OPTION', 'onUncaught is 1, not a function'],
    [{ interceptors: [1] }, 'INVALID_OPTION', 'interceptors'],
    [{ reconnect: true }, 'INVALID_OPTION', 'reconnect is true, not false or an object'],
    [{ reconnect: { delayMS: 5 } }, 'INVALID_OPTION', 'did you mean delayMs?'],
    [{ reconnect: { first: 1 } }, 'INVALID_OPTION', 'reconnect.first is 1'],
    [{ reconnect: { delayMs: 0 } }, 'INVALID_OPTION', 'reconnect.delayMs is 0'],
    [{ reconnect: { delayMs: Number.NaN } }, 'INVALID_OPTION', 'reconnect.delayMs is NaN'],
    [{ reconnect: { delayMaxMs: -1 } }, 'INVALID_OPTION', 'reconnect.delayMaxMs is -1'],
    [
      { reconnect: { delayMaxMs: Number.POSITIVE_INFINITY } },
      'INVALID_OPTION',
      'reconnect.delayMaxMs is Infinity',
    ],
    [
      { reconnect: { delayMs: 0.001 } },
      'INVALID_OPTION',
      'delayMs is 0.001, not a number of milliseconds of at least 1',
    ],
    [
      { reconnect: { delayMs: 500, delayMaxMs: 100 } },
      'INVALID_OPTION',
      'reconnect.delayMs (500) is greater than reconnect.delayMaxMs (100)',
    ],
    [
      { resume: true, reconnect: false },
      'INVALID_OPTION',
      'resume is true, but this client never reconnects',
    ],
    [{ reconnect: { reconnectTimeoutMs: '5' } }, 'INVALID_OPTION', 'reconnect.reconnectTimeoutMs is "5"'],
    [{ resume: 'yes' }, 'INVALID_OPTION', 'resume is "yes"'],
    [{ offline: 'queue' }, 'INVALID_OPTION', 'offline'],
    [{ onStateChange: 1 }, 'INVALID_OPTION', 'onStateChange is 1'],
    [{ onSession: {} }, 'INVALID_OPTION', 'onSession'],
  ])('refuses %j', (options, code, text) => {
    expect(() => connect(options)).toThrow(refusal(code, text))
  })

  it.each([999, 32_767_001, Number.NaN, Number.POSITIVE_INFINITY, '5000'])(
    'refuses a keepAliveIdleMs of %s for its target',
    (keepAliveIdleMs) => {
      expect(() => tcp('tcp://127.0.0.1:1', { keepAliveIdleMs: keepAliveIdleMs as number })).toThrow(
        refusal('INVALID_OPTION', 'keepAliveIdleMs'),
      )
    },
  )
})

describe('The testing package', () => {
  it.each([
    [{ latencyMs: Number.NaN }, 'latencyMs'],
    [{ latencyMs: '5' }, 'latencyMs'],
    [{ latencyMs: days30 }, 'latencyMs'],
    [{ latencyMs: -1 }, 'latencyMs'],
    [{ highWatermarkBytes: 1, lowWatermarkBytes: 2 }, 'lowWatermarkBytes'],
    [{ windowByte: 1 }, 'did you mean windowBytes?'],
  ])('refuses %j as options of createMemoryPair', (options, text) => {
    expect(() => createMemoryPair({ clock: createVirtualClock(), ...(options as object) })).toThrow(
      refusal('INVALID_OPTION', text),
    )
  })

  it.each([Number.NaN, -1, '5'])('refuses a timeMaxMs, a startMs and an advance of %s', async (wrong) => {
    const ms = wrong as number
    const clock = createVirtualClock()
    await expect(clock.runUntilIdle({ timeMaxMs: ms })).rejects.toEqual(
      refusal('INVALID_OPTION', 'timeMaxMs'),
    )
    await expect(clock.until(new Promise(() => {}), { timeMaxMs: ms })).rejects.toEqual(
      refusal('INVALID_OPTION', 'timeMaxMs'),
    )
    if (ms !== -1)
      expect(() => createVirtualClock({ startMs: ms })).toThrow(refusal('INVALID_OPTION', 'startMs'))
  })
})
