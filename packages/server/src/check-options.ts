import {
  type CloseOptions,
  checkedCloseOptions,
  checking,
  missingMethods,
  readOnce,
  shapes,
  unknownName,
  type ValueKind,
  wrongKind,
} from '@frameport/protocol/checks'
import type { AcceptedFrom } from './acceptor.ts'
import { ServerError } from './server-error.ts'
import type { ServerOptions } from './server-types.ts'
import { wrongPort } from './tcp/wrong-port.ts'

const names: Readonly<Record<keyof ServerOptions<unknown>, ValueKind>> = {
  context: 'function',
  completionPort: 'object',
  backend: 'string',
  log: 'object',
  limits: 'object',
  environment: 'object',
  onConnection: 'function',
  onDisconnect: 'function',
  validateOutputs: 'boolean',
}

const logger = { what: 'a Logger', methods: ['debug', 'info', 'warn', 'error'] }

/**
 * The options, each read once. They are checked when they are given: a wrong one would fail with the first client, out of
 * sight.
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
    refuse(wrongKind(name, options[name as keyof typeof names], kind))
  }
  refuse(wrongPort(options))
  refuse(missingMethods('log', options.log, logger))
  refuse(missingMethods('environment', options.environment, shapes.environment))
  return options
}

/**
 * A stream that lacks a method would fail later, and take the closing of the server with it.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkAccepted(stream: unknown, from: AcceptedFrom): AcceptedFrom {
  return checking(() => {
    refuse(stream === undefined ? 'stream is undefined, not a ByteStream' : undefined)
    refuse(missingMethods('stream', stream, shapes.stream))
    refuse(unknownName('from', from, ['remoteEndpoint']))
    const read = readOnce(from, ['remoteEndpoint'])
    refuse(wrongKind('remoteEndpoint', read.remoteEndpoint, 'string'))
    return read
  }, refusal)
}

/**
 * The options of a close, each read once.
 *
 * @throws ServerError `INVALID_OPTION`; nothing is closed then
 */
export function checkCloseOptions(options: CloseOptions): CloseOptions {
  return checkedCloseOptions(options, refusal)
}

/** @throws ServerError `INVALID_OPTION` */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

export function refusal(problem: string, options: { readonly cause?: unknown } = {}): ServerError {
  return new ServerError('INVALID_OPTION', problem, options)
}
