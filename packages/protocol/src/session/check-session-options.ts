import { describeValue, missingMethods, shapes, wrongKind, wrongMetadata } from '../checks/check-value.ts'
import { unknownName } from '../checks/nearest-name.ts'
import { checking, reading, readOnce } from '../checks/unreadable.ts'
import { ProtocolError } from '../protocol-error.ts'
import { isSessionHost } from './common/session-host.ts'
import type { ClientSessionOptions, SessionOptions } from './common/session-types.ts'

const known: Readonly<Record<keyof SessionOptions, true>> = {
  role: true,
  environment: true,
  handlers: true,
  contracts: true,
  limits: true,
  share: true,
  auth: true,
  metadata: true,
  connectsAgain: true,
  host: true,
}

const handlers = {
  what: 'SessionHandlers',
  methods: ['opened', 'call', 'event', 'goaway', 'closed'],
} as const

const hooks = [
  'hello',
  'credentials',
  'challenged',
  'answerFailed',
  'detached',
  'resumed',
  'forgotten',
  'moved',
  'uncaught',
  'wantsEvent',
  'eventDropped',
  'eventGap',
  'subscription',
  'subscriptionEnded',
] as const
const share = { what: 'a SessionShare', methods: ['takeRefusal'] } as const

/**
 * The options, each read once.
 *
 * @throws ProtocolError `INVALID_OPTION`; the limits are checked where they are resolved
 */
export function checkSessionOptions(options: SessionOptions): SessionOptions {
  return checking(() => {
    const unknown = unknownName('options', options, Object.keys(known))
    if (unknown !== undefined) throw refusal(unknown)
    const given = readOnce(options, Object.keys(known))
    const problem = wrongOption(given)
    if (problem !== undefined) throw refusal(problem)
    return given
  }, refusal)
}

/**
 * Like {@link checkSessionOptions}, for a client.
 *
 * @throws ProtocolError `INVALID_OPTION`
 */
export function checkClientSessionOptions(options: ClientSessionOptions): SessionOptions {
  const given = checkSessionOptions(options)
  if (given.role !== 'client') throw refusal("role is 'server': use createSession for a server")
  return given
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ProtocolError {
  return new ProtocolError('INVALID_OPTION', `cannot create the session: ${problem}`, options)
}

function wrongOption(given: SessionOptions): string | undefined {
  const { role, environment, auth, metadata, contracts } = given
  if (role !== 'client' && role !== 'server')
    return `role is ${describeValue(role)}, not 'client' or 'server'`
  if (!reading('contracts', () => Array.isArray(contracts)))
    return `contracts is ${describeValue(contracts)}, not an array of announcements`
  return (
    missing('environment', environment) ??
    missing('handlers', given.handlers) ??
    missingMethods('environment', environment, shapes.environment) ??
    missingMethods('handlers', given.handlers, handlers) ??
    wrongHook(given.handlers) ??
    missingMethods('share', given.share, share) ??
    wrongKind(
      'environment.nextTurn',
      reading('environment.nextTurn', () => environment.nextTurn),
      'function',
    ) ??
    wrongHost(given.host) ??
    wrongKind('auth', auth, 'object') ??
    wrongKind('connectsAgain', given.connectsAgain, 'boolean') ??
    wrongMetadata(metadata)
  )
}

function wrongHook(given: SessionOptions['handlers']): string | undefined {
  for (const hook of hooks) {
    const problem = wrongKind(
      `handlers.${hook}`,
      reading(`handlers.${hook}`, () => given[hook]),
      'function',
    )
    if (problem !== undefined) return problem
  }
  return undefined
}

function wrongHost(host: unknown): string | undefined {
  if (host === undefined || isSessionHost(host)) return undefined
  return `host is ${describeValue(host)}, not the object that createSessionHost returned; a copy does not work`
}

function missing(name: string, value: unknown): string | undefined {
  return value === undefined ? `${name} is missing` : undefined
}
