import {
  checking,
  describeValue,
  readOnce,
  splitLimits,
  timerMsMax,
  unknownName,
  wrongChoice,
  wrongKind,
} from '@frameport/protocol/checks'
import {
  constants,
  type NatsBrokerLimits,
  type NatsLogLimits,
  natsBrokerLimits,
  natsLogLimits,
} from './limits.ts'
import { NatsBrokerError } from './nats-broker-error.ts'
import type { NatsBrokerOptions, NatsLogOptions, OwnConnectionOption } from './options.ts'

const connectNames = [
  'servers',
  'prefix',
  'requestTimeoutMs',
  'connectTimeoutMs',
  'pingIntervalMs',
  'reconnectDelayMs',
  'limits',
  'connection',
  'onStateChange',
] as const satisfies readonly (keyof NatsBrokerOptions)[]

const logNames = [
  'name',
  'limits',
  'storage',
  'replicas',
  'rememberIdsMs',
] as const satisfies readonly (keyof NatsLogOptions)[]

/** Why this package sets each of these options itself. */
const ownConnectionOptions: Readonly<Record<OwnConnectionOption, string>> = {
  servers: 'give servers next to connection',
  port: 'give servers next to connection',
  noEcho: 'a server never receives its own events',
  timeout: 'give connectTimeoutMs next to connection',
  pingInterval: 'give pingIntervalMs next to connection',
  maxPingOut: 'give pingIntervalMs next to connection',
  reconnect: 'this package reconnects until close()',
  maxReconnectAttempts: 'this package reconnects until close()',
  reconnectTimeWait: 'give reconnectDelayMs next to connection',
  reconnectDelayHandler: 'give reconnectDelayMs next to connection',
  waitOnFirstConnect: 'connectNats() rejects when no server answers, and you can call it again',
  ignoreAuthErrorAbort: 'this package reconnects until close()',
}

export type CheckedBrokerOptions = {
  readonly [Name in Exclude<keyof NatsBrokerOptions, 'limits' | 'servers' | 'onStateChange'>]-?: NonNullable<
    NatsBrokerOptions[Name]
  >
} & {
  readonly servers: readonly string[]
  readonly limits: NatsBrokerLimits
  readonly onStateChange: NatsBrokerOptions['onStateChange']
}

export type CheckedLog = {
  readonly [Name in Exclude<keyof NatsLogOptions, 'limits'>]-?: NonNullable<NatsLogOptions[Name]>
} & { readonly limits: NatsLogLimits }

/** @throws NatsBrokerError `INVALID_OPTION` */
export function checkConnect(options: NatsBrokerOptions): CheckedBrokerOptions {
  return checking(() => {
    refuse(wrongKind('the options of connectNats', options, 'object'))
    refuse(unknownName('options', options, connectNames))
    const read = readOnce(options, connectNames)
    const { prefix = 'frameport', connection = {}, limits = {}, onStateChange } = read
    refuse(wrongName('prefix', prefix))
    refuse(wrongKind('onStateChange', onStateChange, 'function'))
    refuse(wrongKind('connection', connection, 'record'))
    refuse(wrongKind('limits', limits, 'record'))
    const own = Object.keys(connection).find((name) => Object.hasOwn(ownConnectionOptions, name))
    if (own !== undefined) {
      throw refusal(`connection.${own} is not allowed: ${ownConnectionOptions[own as OwnConnectionOption]}`)
    }
    return {
      servers: checkServers(read.servers),
      prefix,
      requestTimeoutMs: milliseconds('requestTimeoutMs', read.requestTimeoutMs, constants.requestTimeoutMs),
      connectTimeoutMs: milliseconds('connectTimeoutMs', read.connectTimeoutMs, constants.connectTimeoutMs),
      pingIntervalMs: milliseconds('pingIntervalMs', read.pingIntervalMs, constants.pingIntervalMs),
      reconnectDelayMs: milliseconds('reconnectDelayMs', read.reconnectDelayMs, constants.reconnectDelayMs),
      limits: checkLimits(limits, natsBrokerLimits),
      connection: { ...connection },
      onStateChange,
    }
  }, refusal)
}

/** @throws NatsBrokerError `INVALID_OPTION` */
export function checkLog(options: NatsLogOptions): CheckedLog {
  return checking(() => {
    refuse(wrongKind('the options of log', options, 'object'))
    refuse(unknownName('options', options, logNames))
    const read = readOnce(options, logNames)
    const { name = 'events', storage = 'file', replicas = 1, limits = {} } = read
    refuse(wrongName('name', name))
    refuse(wrongChoice('storage', storage, ['file', 'memory']))
    if (!Number.isSafeInteger(replicas) || replicas < 1 || replicas > 5) {
      throw refusal(`replicas is ${describeValue(replicas)}, not an integer from 1 to 5`)
    }
    refuse(wrongKind('limits', limits, 'record'))
    const checked = checkLimits(limits, natsLogLimits)
    if (checked.ageMs < shortestMs || checked.ageMs > longestAgeMs) {
      throw refusal(
        `limits.ageMs is ${describeValue(checked.ageMs)}, not an integer from ${shortestMs} to ${longestAgeMs}`,
      )
    }
    const rememberIdsMs = milliseconds(
      'rememberIdsMs',
      read.rememberIdsMs,
      Math.min(constants.rememberIdsMs, checked.ageMs),
      shortestMs,
    )
    if (rememberIdsMs > checked.ageMs) {
      throw refusal(`rememberIdsMs is ${rememberIdsMs}, more than limits.ageMs, which is ${checked.ageMs}`)
    }
    return { name, storage, replicas, limits: checked, rememberIdsMs }
  }, refusal)
}

/** JetStream refuses shorter ages and windows. */
const shortestMs = 100

/** 2^63 nanoseconds are 292 years. */
const longestAgeMs = 9_000_000_000_000

function checkServers(servers: unknown): readonly string[] {
  if (servers === undefined) return ['nats://127.0.0.1:4222']
  const list = typeof servers === 'string' ? [servers] : servers
  if (!Array.isArray(list) || list.length === 0) {
    throw refusal(`servers is ${describeValue(servers)}, not an address or a list of addresses`)
  }
  for (const [index, server] of list.entries()) {
    if (typeof server === 'string' && server.includes('@')) {
      throw refusal(`servers[${index}] contains a user: give user and pass in connection`)
    }
    if (typeof server === 'string' && /^(?:(?:nats|tls):\/\/)?[^\s/]+\/?$/.test(server)) continue
    throw refusal(
      `servers[${index}] is ${describeValue(server)}, not an address such as nats://10.0.0.1:4222`,
    )
  }
  return [...list]
}

function checkLimits<Limits extends object>(
  given: { readonly [Name in keyof Limits]?: Limits[Name] | undefined },
  defaults: Limits,
): Limits {
  return splitLimits<Limits, object>(given as Parameters<typeof splitLimits<Limits, object>>[0], {
    own: defaults,
    session: {},
    checkSession: () => undefined,
    refusal,
  }).own
}

function wrongName(option: string, name: unknown): string | undefined {
  const { nameLengthMax } = constants
  if (typeof name === 'string' && /^[A-Za-z0-9_-]+$/.test(name) && name.length <= nameLengthMax)
    return undefined
  return `${option} is ${describeValue(name)}, not 1 to ${nameLengthMax} letters, digits, _ and -`
}

function milliseconds(option: string, value: unknown, otherwise: number, least = 1): number {
  if (value === undefined) return otherwise
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= timerMsMax) {
    return value as number
  }
  throw refusal(`${option} is ${describeValue(value)}, not an integer from ${least} to ${timerMsMax}`)
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): NatsBrokerError {
  return new NatsBrokerError('INVALID_OPTION', problem, options)
}
