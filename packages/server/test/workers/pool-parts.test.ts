import { describe, expect, it } from 'vitest'
import { RestartDelays } from '../../src/workers/restart-delays.ts'
import { SharedAddresses } from '../../src/workers/shared-addresses.ts'
import { sumStats } from '../../src/workers/sum-stats.ts'
import { startWorkers, thisWorker, workerLimits } from '../../src/workers.ts'

describe('The parts of a pool', () => {
  it('sum all statistics, also those that only some workers have', () => {
    const one = {
      connections: 1,
      listeners: [{ urls: ['a'] }],
      events: { leftOut: 2 },
      memory: { bytes: 3, kept: 1 },
    }
    const two = {
      connections: 10,
      listeners: [{ urls: ['b'] }],
      events: { leftOut: 20 },
      memory: { bytes: 30 },
      busEvents: 5,
    }
    expect(sumStats([one, two] as never)).toMatchObject({
      connections: 11,
      connectionsDetached: 0,
      listeners: [{ urls: ['a'] }, { urls: ['b'] }],
      events: { leftOut: 22, bytesWaiting: 0 },
      memory: { bytes: 33, kept: 1, bytesMax: 0 },
      busEvents: 5,
    })
  })

  it('let one worker choose a port, and the next worker if the first one dies or fails', () => {
    const addresses = new SharedAddresses()
    const answers: (string | undefined)[] = []
    const ask = (worker: number) =>
      addresses.ask('tcp://h:0 0', { worker, answer: (url) => void answers.push(`${worker} ${url}`) })
    ask(1)
    ask(2)
    ask(3)
    expect(answers).toEqual(['1 undefined'])
    addresses.gone(1)
    expect(answers).toEqual(['1 undefined', '2 undefined'])
    addresses.chose('tcp://h:0 0', undefined)
    expect(answers.at(-1)).toBe('3 undefined')
    addresses.chose('tcp://h:0 0', 'tcp://h:7')
    ask(4)
    expect(answers.at(-1)).toBe('4 tcp://h:7')
  })

  it('double the delay of restarts up to its limit, and reset it after a long life', () => {
    const delays = new RestartDelays({ restartDelayMs: 100, restartDelayMaxMs: 300 })
    const died = (served = true) => {
      if (served) delays.began()
      return [delays.ended(), delays.next()]
    }
    expect([died(), died(), died(), died()]).toEqual([
      [0, 100],
      [0, 200],
      [0, 300],
      [0, 300],
    ])
    expect([died(false), died(false), died()]).toEqual([
      [1, 300],
      [2, 300],
      [0, 300],
    ])
    const long = new RestartDelays({ restartDelayMs: 100, restartDelayMaxMs: 0 })
    long.began()
    expect([long.ended(), long.next()]).toEqual([0, 0])
  })

  it('refuse wrong options, and thisWorker outside a worker', async () => {
    const wrong = async (options: object) =>
      startWorkers('/nowhere.js', options as never).catch(({ code, message }) => `${code} ${message}`)
    expect(await wrong({ workers: 0 })).toContain('INVALID_OPTION workers is 0')
    expect(await wrong({ worker: 2 })).toContain('INVALID_OPTION')
    for (const name of [
      'busStalledMs',
      'startTimeoutMs',
      'restartDelayMs',
      'restartDelayMaxMs',
      'silentMs',
      'exitTimeoutMs',
      'statsTimeoutMs',
    ])
      for (const value of [0, 2 ** 31, 1.5, Number.POSITIVE_INFINITY, '5'])
        expect(await wrong({ limits: { [name]: value } })).toContain(`INVALID_LIMITS ${name} is `)
    expect(await wrong({ limits: { silent: 1 } })).toContain('INVALID_LIMITS')
    expect(await wrong({ logs: { lines: { append() {}, after() {} } } })).toContain('follow')
    expect(await wrong({ execArgv: '--import tsx' })).toContain('execArgv')
    expect(() => thisWorker()).toThrow(expect.objectContaining({ code: 'NOT_A_WORKER' }))
    expect(Object.values(workerLimits).every((limit) => limit > 0)).toBe(true)
  })
})
