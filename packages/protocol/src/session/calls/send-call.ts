import { noMetadata } from '../../envelope/envelope-parts.ts'
import { newCall } from '../../envelope/lent-envelopes.ts'
import type { CallEnvelope, Credit } from '../../envelope/session-envelopes.ts'
import { textBody } from '../../envelope/short-envelope.ts'
import type { OutgoingCallOptions } from '../common/call-types.ts'
import type { BodySender } from '../flow/body-sender.ts'
import type { SessionCore } from '../flow/session-core.ts'
import { callExtensions } from './call-extensions.ts'
import { type CallInput, encodedInput } from './call-input.ts'
import { deadlineExceeded } from './outgoing-failures.ts'
import type { UploadSender } from './upload-sender.ts'

/** The call that is sent. */
export interface SentCall {
  readonly id: number
  readonly isOneway: boolean
  readonly deadlineAtMs: number | undefined
  /** Absent in a call that asks for no items. */
  readonly credit: Credit | undefined
  /** Whether the peer is asked to report when its handler has begun. */
  readonly asksStarted: boolean
  readonly upload: UploadSender | undefined
}

type Verdict = ReturnType<BodySender['send']>

/**
 * The envelope of the call that is being sent. All calls share it: it is encoded, or copied, before anything else
 * happens.
 */
const lentEnvelope = newCall()
lentEnvelope.body = textBody

/**
 * Sends a call, or a change of a subscription in the place of one.
 *
 * @throws RpcError, ProtocolError or FramingError for one that cannot be sent: nothing was sent then
 */
export function sendCall(
  core: SessionCore,
  call: SentCall,
  options: OutgoingCallOptions,
  input: CallInput,
): Verdict {
  const { writer } = core
  const { procedure, metadata = noMetadata, subscription } = options
  if (typeof input !== 'string') writer.checkBody(input, 'the input')
  writer.checkMetadata(metadata)
  const deadlineMs = deadlineToSend(core, call.deadlineAtMs)
  if (subscription !== undefined) return writer.send({ ...subscription, callId: call.id, metadata }, 'own')
  const extensions = callExtensions(options.fingerprint?.(), call.asksStarted)
  if (call.isOneway) {
    const body = encodedInput(input)
    return writer.send({ kind: 'oneway', procedure, deadlineMs, extensions, metadata, body }, 'own')
  }
  const envelope = lentEnvelope
  envelope.callId = call.id
  envelope.procedure = procedure
  envelope.deadlineMs = deadlineMs
  envelope.credit = call.credit
  envelope.upload = call.upload !== undefined
  envelope.extensions = extensions
  envelope.metadata = metadata
  const sent = typeof input === 'string' ? sendText(core, envelope, input) : undefined
  return sent ?? sendLong(core, call, envelope, input)
}

/** @throws RpcError DEADLINE_EXCEEDED if no time is left */
function deadlineToSend({ environment }: SessionCore, deadlineAtMs: number | undefined): number | undefined {
  if (deadlineAtMs === undefined) return undefined
  const leftMs = deadlineAtMs - environment.nowMs()
  if (leftMs <= 0) throw deadlineExceeded()
  return Math.min(Math.ceil(leftMs), Number.MAX_SAFE_INTEGER)
}

/** @returns undefined if it was not sent in this way */
function sendText(
  { bodies }: SessionCore,
  envelope: CallEnvelope,
  text: string,
): 'closed' | 'sent' | undefined {
  const sent = bodies.sendText(envelope, text, 'own')
  return typeof sent === 'number' ? 'sent' : sent
}

/** In a separate function, because the closure would create a context for every call. */
function sendLong(
  { writer, bodies }: SessionCore,
  call: SentCall,
  envelope: CallEnvelope,
  input: CallInput,
): Verdict {
  const body = encodedInput(input)
  writer.checkBody(body, 'the input')
  return bodies.send({ ...envelope, body }, 'own', () => call.upload?.inputSent())
}
