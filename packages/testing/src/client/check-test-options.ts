import type { ClientOptions } from '@frameport/client'
import { asSentence, checking, missingMethods, reading, shapes, wrongKind } from '@frameport/protocol/checks'
import { TestingError } from '@frameport/testing'
import type { TestClientOptions } from './test-client-types.ts'

/** Options that `server` must not contain, and where to set them instead. */
const instead: Readonly<Record<string, string>> = {
  authorizeSubscribe: 'give it next to server',
  backend: 'it runs in memory',
  completionPort: 'it runs in memory',
  context: 'give it next to server',
  environment: 'give clock next to server',
  log: 'give it next to server',
}

/** The options of a test client, including those of its client. */
export interface CheckedTestOptions
  extends Pick<
    TestClientOptions<unknown>,
    'authorizeSubscribe' | 'clock' | 'context' | 'log' | 'network' | 'server'
  > {
  readonly client: ClientOptions
}

/**
 * Checks the options, and reads each once. Those of the client are together in `client`. Client and server check their
 * own.
 *
 * @throws TestingError `INVALID_OPTION`
 */
export function checkTestOptions(given: object): CheckedTestOptions {
  return checking(() => {
    refuse(wrongKind('options', given, 'record'))
    const { context, authorizeSubscribe, clock, network, log, server, ...client } = reading(
      'options',
      () => ({ ...(given as TestClientOptions<unknown>) }),
    )
    refuse(missingMethods('clock', clock, clockShape))
    refuse(wrongKind('network', network, 'record'))
    refuse(missingMethods('log', log, loggerShape))
    refuse(wrongKind('server', server, 'record'))
    refuse('environment' in client ? 'A test client has no option environment: give clock' : undefined)
    for (const [name, advice] of Object.entries(instead))
      refuse(
        server !== undefined && name in server
          ? `A test client does not accept server.${name}: ${advice}`
          : undefined,
      )
    return { context, authorizeSubscribe, clock, network, log, server, client }
  }, refusal)
}

const loggerShape = { what: 'a Logger', methods: ['debug', 'info', 'warn', 'error'] }

const clockShape = {
  what: 'a VirtualClock',
  methods: [...shapes.environment.methods, 'until'],
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

export function refusal(problem: string, options: { readonly cause?: unknown } = {}): TestingError {
  return new TestingError('INVALID_OPTION', asSentence(problem), options)
}
