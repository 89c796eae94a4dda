import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { typescriptArguments } from '../support/typescript-arguments.ts'
import type { Cell } from './children/wrong-functions.ts'

interface Report {
  readonly called: readonly string[]
  readonly steps: Readonly<Record<string, string>>
  readonly cells: readonly Cell[]
}

let report: Report

beforeAll(async () => {
  const child = fork(fileURLToPath(new URL('children/wrong-functions.ts', import.meta.url)), [], {
    execArgv: [...typescriptArguments],
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
  const [sent] = await Promise.race([once(child, 'message'), ended])
  report = sent as Report
}, 300_000)

/** Functions that users provide. */
const functions = {
  'of a contract': [
    ...['server: input', 'server: output', 'server: data of an error', 'server: items', 'server: upload'],
    ...['server: input of a call without an answer', 'server: topic', 'server: payload'],
    ...['client: output', 'client: data of an error', 'client: items', 'client: topic', 'client: payload'],
    ...['client, of a client: input', 'client, of a client: input of a call without an answer'],
    ...['client, of a client: output', 'client, of a client: items', 'client, of a client: upload'],
    ...['server, of a client: output', 'server, of a client: items'],
  ],
  'that serve calls': ['server', 'client'].flatMap((side) => [
    ...[`${side}: handler`, `${side}: handler of a call without an answer`],
    ...[`${side}: handler of a stream`, `${side}: handler of an upload`],
    ...['Symbol.asyncIterator', 'next', 'return'].map((method) => `${side}: items of a stream: ${method}`),
    ...[`${side}: middleware`, `${side}: onItem`, `${side}: onEnd`],
  ]),
  'of calls': [
    ...['client: interceptor', 'server: interceptor', 'onProgress'],
    ...['client: source that is a function', 'server: source that is a function'],
    ...['Symbol.asyncIterator', 'next', 'return'].map((method) => `client: source: ${method}`),
    ...['signal: aborted', 'signal: reason', 'signal: addEventListener', 'signal: removeEventListener'],
  ],
  'of a server': [
    ...[
      'context',
      'renewContext',
      'principal',
      'shareKey',
      'authorizeSubscribe',
      'append of a log',
      'after of a log',
    ],
    ...['onConnection', 'onDetached', 'onResumed', 'onDisconnect', 'onContextDropped'],
    ...['log.debug', 'log.info', 'log.error'],
  ],
  'of a client': [
    ...['auth', 'connect of a connector', 'release of a connector', 'listener', 'onStateChange', 'onSession'],
    ...[
      'onHandlerFailed',
      'onUncaught',
      'onInvalidEvent',
      'onEventGap',
      'onChallengeFailed',
      'onSubscribeFailed',
    ],
  ],
}

/** Errors of these functions can only be passed to the process. */
const isTold = (name: string) => name.startsWith('log.') || name === 'onUncaught'
/** Members that are not functions. A promise in their place is a value that belongs to its creator. */
const isValue = (name: string) => name === 'signal: aborted' || name === 'signal: reason'
/**
 * Users who provide these functions wait for their own code. Both sessions enforce a deadline, but it ends neither an
 * interceptor nor a validator of the caller. A subscription has no deadline.
 */
const waits: readonly string[] = [
  ...['client: interceptor', 'client: output', 'client: data of an error', 'client: items'],
  ...['server: topic', 'authorizeSubscribe'],
]

it('a day without wrong functions calls every function that users can provide', () => {
  expect([...report.called].sort()).toEqual(Object.values(functions).flat().sort())
  const outcomes = new Set(Object.values(report.steps))
  expect([...outcomes].sort()).toEqual(['CANCELLED', 'INTERNAL', 'PERMISSION_DENIED', 'TAKEN', 'succeeded'])
})

describe.each(Object.entries(functions))('A wrong function %s', (_, names) => {
  it.each(names)('neither ends the process nor blocks anything, in each way to be wrong: %s', (name) => {
    const cells = report.cells.filter((cell) => cell.name === name)
    expect(cells.length).toBeGreaterThan(7)
    for (const cell of cells) {
      const isPromise = cell.way.startsWith('rejects')
      if (!(isValue(name) && isPromise) && name !== 'onUncaught')
        expect(cell).toMatchObject({ unhandled: [] })
      if (!isTold(name)) expect(cell).toMatchObject({ uncaught: [] })
      if (!(waits.includes(name) && cell.way === 'never settles')) expect(cell).toMatchObject({ hangs: [] })
      expect(cell).toMatchObject({ leftOvers: [] })
    }
  })
})
