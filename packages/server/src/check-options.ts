import type { BackendName, ListenOptions } from '@frameport/iocp-core'
import {
  describeValue,
  isDuration,
  missingMethods,
  shapes,
  unknownName,
  type ValueKind,
  wrongKind,
} from '@frameport/protocol'
import { ServerError } from './server-error.ts'
import type { AcceptedFrom, ServerOptions } from './server-types.ts'

const names: Readonly<Record<keyof ServerOptions<unknown>, ValueKind>> = {
  context: 'function',
  port: 'object',
  backend: 'string',
  log: 'object',
  limits: 'object',
  environment: 'object',
  onConnection: 'function',
  onDisconnect: 'function',
  validateOutputs: 'boolean',
}

const backends: Readonly<Record<BackendName | 'auto', true>> = {
  auto: true,
  iocp: true,
  io_uring: true,
  epoll: true,
  net: true,
}

const listenNames: Readonly<Record<keyof ListenOptions, true>> = {
  noDelay: true,
  keepAliveIdleMs: true,
  resetOnClose: true,
  backlog: true,
  reusePort: true,
  ipv6Only: true,
  connectionsMax: true,
  onAcceptError: true,
}

const port = { what: 'a Port', methods: ['listen', 'connect', 'close'] }
const logger = { what: 'a Logger', methods: ['debug', 'info', 'warn', 'error'] }

/**
 * Options are checked when they are given: a wrong one would fail with the first client, out of sight.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkServerOptions(options: ServerOptions<unknown>): void {
  refuse(unknownName('options', options, Object.keys(names)))
  for (const [name, kind] of Object.entries(names)) {
    refuse(wrongKind(name, options[name as keyof typeof names], kind))
  }
  const { backend } = options
  if (backend !== undefined && !Object.hasOwn(backends, backend)) {
    refuse(`backend is ${describeValue(backend)}, not one of ${Object.keys(backends).join(', ')}`)
  }
  refuse(missingMethods('port', options.port, port))
  refuse(missingMethods('log', options.log, logger))
  refuse(missingMethods('environment', options.environment, shapes.environment))
}

/**
 * The port checks the values of those that it knows.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkListenOptions(options: ListenOptions): void {
  refuse(unknownName('options', options, Object.keys(listenNames)))
}

/**
 * A stream that lacks a method would fail later, and take the closing of the server with it.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkAccepted(stream: unknown, from: AcceptedFrom): void {
  refuse(stream === undefined ? 'stream is undefined, not a ByteStream' : undefined)
  refuse(missingMethods('stream', stream, shapes.stream))
  refuse(unknownName('from', from, ['remoteEndpoint']))
  refuse(wrongKind('remoteEndpoint', from.remoteEndpoint, 'string'))
}

/** Why the options of a close cannot be taken, or undefined. Nothing is closed then. */
export function wrongCloseOptions(options: {
  readonly graceMs?: number | undefined
}): ServerError | undefined {
  const problem = unknownName('options', options, ['graceMs']) ?? wrongGrace(options.graceMs)
  return problem === undefined
    ? undefined
    : new ServerError('INVALID_OPTION', `${problem}; nothing was closed`)
}

function wrongGrace(graceMs: unknown): string | undefined {
  if (graceMs === undefined || isDuration(graceMs)) return undefined
  return `graceMs is ${describeValue(graceMs)}, not a number of milliseconds from 0 on`
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new ServerError('INVALID_OPTION', problem)
}
