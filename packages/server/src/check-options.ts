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
 * Checks an accepted connection. One that lacks a method would fail later, and prevent the server from closing.
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
 * Checks the options of closing a connection, and reads each once.
 *
 * @throws ServerError `INVALID_OPTION`; nothing is closed then
 */
export function checkCloseOptions(options: CloseOptions): CloseOptions {
  return checkedCloseOptions(options, refusal)
}

/**
 * Checks the options of closing a server, and reads each once.
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
