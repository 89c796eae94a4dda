import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  shapes,
  unknownName,
  type ValueKind,
  wrongKind,
} from '@frameport/protocol/checks'
import { checkedClientCalls } from './check-client-calls.ts'
import { refusal, refuse } from './check-options.ts'
import type { Implementation } from './handlers/implementer-types.ts'
import type { ServerOptions } from './option-types.ts'
import { wrongPort } from './tcp/wrong-port.ts'

/** Options with `undefined` are checked separately. */
const names: Readonly<Record<keyof ServerOptions<unknown>, ValueKind | undefined>> = {
  context: 'function',
  renewContext: 'function',
  completionPort: 'object',
  backend: 'string',
  log: undefined,
  limits: 'object',
  environment: 'object',
  authorizeSubscribe: 'function',
  resume: 'boolean',
  principal: 'function',
  maxConnectionAgeMs: undefined,
  onConnection: 'function',
  onDetached: 'function',
  onResumed: 'function',
  onDisconnect: 'function',
  onContextDropped: 'function',
  validateOutputs: 'boolean',
  clientCalls: 'object',
  strict: 'boolean',
  shareKey: 'function',
  eventLogs: undefined,
  eventBus: undefined,
}

const bus = { what: 'an EventBus', methods: ['join'] }

const logger = { what: 'a Logger or false', methods: ['debug', 'info', 'warn', 'error'] }

/**
 * Checks the options, and reads each once. They are checked here because a wrong one would otherwise only fail with the
 * first client, unnoticed.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkServerOptions(given: ServerOptions<unknown>): ServerOptions<unknown> {
  return checking(() => serverOptions(given), refusal)
}

function serverOptions(given: ServerOptions<unknown>): ServerOptions<unknown> {
  refuse(unknownName('options', given, Object.keys(names)))
  const options = readOnce(given, Object.keys(names))
  for (const [name, kind] of Object.entries(names)) {
    if (kind !== undefined) refuse(wrongKind(name, options[name as keyof typeof names], kind))
  }
  const { maxConnectionAgeMs: ageMs } = options
  if (ageMs !== undefined && !(typeof ageMs === 'number' && ageMs >= 1 && ageMs <= Number.MAX_SAFE_INTEGER))
    refuse(`maxConnectionAgeMs is ${describeValue(ageMs)}, not a number of milliseconds of at least 1`)
  refuse(wrongPort(options))
  if (options.log !== false) refuse(missingMethods('log', options.log, logger))
  refuse(missingMethods('environment', options.environment, shapes.environment))
  if (options.eventBus !== undefined) refuse(missingMethods('eventBus', options.eventBus ?? null, bus))
  const { clientCalls } = options
  return clientCalls === undefined ? options : { ...options, clientCalls: checkedClientCalls(clientCalls) }
}

/**
 * Checks that there is a context if the handlers declare one: the first call would read a member of undefined.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkContextOption(
  implementations: readonly Pick<Implementation<never, unknown>, 'contract' | 'needsContext'>[],
  context: unknown,
): void {
  if (context !== undefined) return
  const needy = implementations.find(({ needsContext }) => needsContext)
  if (needy === undefined) return
  refuse(
    `context is missing: the handlers of ${needy.contract.name} were declared with $context, so give createServer a function that makes the context of each connection`,
  )
}

/**
 * Checks the result of the option `context` or `renewContext` for a connection.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkedContext(context: unknown, option = 'context'): unknown {
  if (typeof context === 'object' && context !== null) return context
  throw refusal(`${option} returned ${describeValue(context)}, not an object`)
}

/**
 * Checks that `resumeBytes` leaves room for what is kept for a client that comes back.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkResumeOption(
  resume: boolean | undefined,
  { resumeBytes }: { readonly resumeBytes?: number },
): void {
  if (resume === true && resumeBytes === 0)
    refuse(
      'resume is true and limits.resumeBytes is 0: the server could not keep anything for a client that comes back',
    )
}

/** @throws ServerError `INVALID_OPTION` */
export function checkAuthorizer(isNeeded: boolean, authorizeSubscribe: unknown): void {
  if (isNeeded && authorizeSubscribe === undefined)
    refuse(
      "authorizeSubscribe is missing: a contract has an event with subscribe: 'clients', and authorizeSubscribe decides which clients may subscribe",
    )
}
