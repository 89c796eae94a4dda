import {
  type CloseOptions,
  checkedCloseOptions,
  checking,
  readOnce,
  type ServerCloseOptions,
  unknownName,
  wrongConnection,
  wrongKind,
} from '@frameport/protocol/checks'
import type { AcceptedFrom } from './acceptor.ts'
import { ServerError } from './server-error.ts'

/**
 * A connection that lacks a method would fail later, and take the closing of the server with it.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkAccepted(connection: unknown, from: AcceptedFrom): AcceptedFrom {
  return checking(() => {
    refuse(wrongConnection('the connection', connection))
    const names: readonly (keyof AcceptedFrom)[] = ['remoteEndpoint', 'tls']
    refuse(unknownName('from', from, names))
    const read = readOnce(from, names)
    refuse(wrongKind('remoteEndpoint', read.remoteEndpoint, 'string'))
    refuse(wrongKind('tls', read.tls, 'function'))
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

/**
 * The options of the close of a server, each read once.
 *
 * @throws ServerError `INVALID_OPTION`; nothing is closed then
 */
export function checkServerCloseOptions(options: ServerCloseOptions): ServerCloseOptions {
  return checkedCloseOptions(options, refusal, ['announceMs', 'graceMs'])
}

/** @throws ServerError `INVALID_OPTION` */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw refusal(problem)
}

export function refusal(problem: string, options: { readonly cause?: unknown } = {}): ServerError {
  return new ServerError('INVALID_OPTION', problem, options)
}
