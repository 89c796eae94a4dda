import type { FrameChannel } from '@frameport/framing'
import { describeValue } from '../checks/check-value.ts'
import { wrongChannel } from '../checks/connection.ts'
import { checking } from '../checks/unreadable.ts'
import { ProtocolError } from '../protocol-error.ts'

/** @throws ProtocolError `INVALID_OPTION` */
export function checkChannel(channel: FrameChannel): void {
  const problem = checking(() => wrongChannel('channel', channel), refusal)
  if (problem !== undefined) throw refusal(problem)
}

export function secondChannel(): ProtocolError {
  return refusal('it already has one')
}

/** The session of a server gets no second channel from its owner. */
export function clientComesBack(): ProtocolError {
  return refusal('a server session has only one; its client comes back over the channel of a new session')
}

/** @param difference from the announcement in the completed handshake */
export function otherHandshake(difference: string): ProtocolError {
  return refusal(
    `its handshake is complete, and this session has ${difference}: attach it to a ` +
      'session with the limits and contracts of the one that is lost',
  )
}

export function endedLink(): ProtocolError {
  return refusal('the connection has ended')
}

export function usedSession(): ProtocolError {
  return refusal('its handshake is complete, and only a new client session can use it')
}

export function invalidGrace(graceMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `graceMs is ${describeValue(graceMs)}: it must be a number of milliseconds of at least 0; nothing was closed`,
  )
}

export function invalidTimeout(timeoutMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `timeoutMs is ${describeValue(timeoutMs)}: it must be a number of milliseconds of at least 0; nothing was sent`,
  )
}

export function invalidWait(retryAfterMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `retryAfterMs is ${describeValue(retryAfterMs)}: it must be a number of milliseconds of at least 0; nothing was sent`,
  )
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ProtocolError {
  return new ProtocolError(
    'INVALID_OPTION',
    `the session cannot use the channel: ${problem}; the channel was not changed`,
    options,
  )
}
