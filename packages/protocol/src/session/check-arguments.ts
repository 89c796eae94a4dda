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
  return refusal('it has a channel already')
}

/** Of a session of a server, which gets no other channel from its owner. */
export function clientComesBack(): ProtocolError {
  return refusal('it had one, and its client comes back over the channel of a new session')
}

/** @param difference what this side would have said otherwise in the handshake that is done */
export function otherHandshake(difference: string): ProtocolError {
  return refusal(
    `its handshake is done, and this session would have said something else there (${difference}): give it to a ` +
      'session with the limits and contracts of the one that the server has forgotten',
  )
}

export function endedLink(): ProtocolError {
  return refusal('its connection has ended')
}

export function usedSession(): ProtocolError {
  return refusal('its handshake is done, and only a new session of a client can begin with it')
}

export function invalidGrace(graceMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `graceMs is ${describeValue(graceMs)}: it is a number of milliseconds from 0 on, or Infinity; nothing was closed`,
  )
}

export function invalidTimeout(timeoutMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `timeoutMs is ${describeValue(timeoutMs)}: it is a number of milliseconds from 0 on; the client was asked nothing`,
  )
}

export function invalidWait(retryAfterMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `retryAfterMs is ${describeValue(retryAfterMs)}: it is a number of milliseconds from 0 on; the peer was told nothing`,
  )
}

function refusal(problem: string, options: { readonly cause?: unknown } = {}): ProtocolError {
  return new ProtocolError(
    'INVALID_OPTION',
    `a session cannot take the channel: ${problem}; the channel was left as it is`,
    options,
  )
}
