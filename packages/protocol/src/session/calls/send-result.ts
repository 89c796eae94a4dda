import { type Body, encodeBodyOf, textOfBody } from '../../envelope/codec.ts'
import { type EnvelopeBody, type Extensions, noMetadata } from '../../envelope/envelope-parts.ts'
import type { ResultEnvelope } from '../../envelope/session-envelopes.ts'
import { textBody } from '../../envelope/short-envelope.ts'
import type { SessionCore } from '../flow/session-core.ts'

/** The call that a result answers. */
export interface ResultOwner {
  readonly id: number
  readonly resultExtensions: Extensions | undefined
  /** The last piece of a long result was handed to the connection. */
  resultSent(): void
}

/**
 * The envelope of the short result that is being encoded. One object for all results: it is read before anything else
 * is done, and never kept.
 */
const shortResult = {
  kind: 'result' as const,
  callId: 0,
  metadata: noMetadata,
  extensions: undefined as Extensions | undefined,
  body: textBody,
}

/**
 * Sends the result of a call.
 *
 * @returns false for a long result of which pieces follow: the call is informed when the last piece was sent
 * @throws ProtocolError, RpcError or FramingError for one that cannot be sent: nothing was sent then
 */
export function sendResult(core: SessionCore, call: ResultOwner, body: Body): boolean {
  const text = textOfBody(body)
  const bytes = text === undefined ? undefined : core.bodies.sendText(shortResultOf(call), text, 'answer')
  if (bytes === undefined) return sendLong(core, call, encodeBodyOf(body, text))
  if (bytes !== 'closed') core.turn.countAnswer(bytes)
  return true
}

function sendLong({ writer, bodies, turn }: SessionCore, call: ResultOwner, body: EnvelopeBody): boolean {
  turn.countAnswer(body.bytes.length)
  writer.checkBody(body, 'the result')
  return bodies.send(resultOf(call, body), 'answer', () => call.resultSent()) !== 'pieces'
}

function shortResultOf({ id, resultExtensions }: ResultOwner): ResultEnvelope {
  shortResult.callId = id
  shortResult.extensions = resultExtensions
  return shortResult
}

function resultOf({ id, resultExtensions }: ResultOwner, body: EnvelopeBody): ResultEnvelope {
  return { kind: 'result', callId: id, metadata: noMetadata, extensions: resultExtensions, body }
}
