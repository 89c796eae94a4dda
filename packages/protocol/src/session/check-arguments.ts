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

export function invalidGrace(graceMs: unknown): ProtocolError {
  return new ProtocolError(
    'INVALID_LIMITS',
    `graceMs is ${describeValue(graceMs)}: it is a number of milliseconds from 0 on, or Infinity; nothing was closed`,
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
    `a session cannot take the channel: ${problem}; it was not started`,
    options,
  )
}
