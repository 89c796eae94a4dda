import { ProtocolError } from '../protocol-error.ts'
import { envelopeLimits } from './envelope-limits.ts'
import type { HeaderWriter } from './header-writer.ts'
import { writePosition } from './log-position.ts'
import type { LogPosition, SessionEnvelope } from './session-envelopes.ts'

const { nameBytesMax, topicBytesMax, codeBytesMax, textBytesMax } = envelopeLimits

/** Writes the fields of an envelope of the session: the bytes between its call id and its extensions. */
export function writeSessionFields(writer: HeaderWriter, envelope: SessionEnvelope): void {
  switch (envelope.kind) {
    case 'call':
      writer.text('procedure', envelope.procedure, nameBytesMax, 1)
      if (envelope.deadlineMs !== undefined) writer.varint('deadlineMs', envelope.deadlineMs)
      if (envelope.credit !== undefined) {
        writer.varint('items', envelope.credit.items)
        writer.varint('bytes', envelope.credit.bytes)
      }
      return
    case 'failure':
      writer.text('code', envelope.code, codeBytesMax, 1)
      writer.text('text', envelope.text, textBytesMax)
      if (envelope.retryAfterMs !== undefined) writer.varint('retryAfterMs', envelope.retryAfterMs)
      return
    case 'cancel':
      writer.text('code', envelope.code, codeBytesMax, 1)
      writer.text('text', envelope.text, textBytesMax)
      return
    case 'item':
      writer.varint('sequence', envelope.sequence)
      return
    case 'credit':
      if (envelope.items === 0 && envelope.bytes === 0)
        throw new ProtocolError('INVALID_FIELD', 'a credit without items and bytes')
      writer.varint('items', envelope.items)
      writer.varint('bytes', envelope.bytes)
      return
    case 'subscribe':
    case 'event':
      eventAndTopic(writer, envelope)
      position(writer, envelope.position)
      return
    case 'unsubscribe':
      eventAndTopic(writer, envelope)
      return
    case 'gap':
      eventAndTopic(writer, envelope)
      writer.varint('events', envelope.events)
      position(writer, envelope.position)
      return
    case 'oneway':
      writer.text('procedure', envelope.procedure, nameBytesMax, 1)
      if (envelope.deadlineMs !== undefined) writer.varint('deadlineMs', envelope.deadlineMs)
      return
    case 'result':
    case 'more':
    case 'end':
    case 'started':
    case 'stop':
    case 'skip':
      return
  }
}

function eventAndTopic(
  writer: HeaderWriter,
  { event, topic }: { readonly event: string; readonly topic: string },
): void {
  writer.text('event', event, nameBytesMax, 1)
  writer.text('topic', topic, topicBytesMax)
}

function position(writer: HeaderWriter, given: LogPosition | undefined): void {
  if (given !== undefined) writePosition(writer, given)
}
