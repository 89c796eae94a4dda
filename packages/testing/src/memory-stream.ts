import type { ByteStream, ByteStreamSink, SendVerdict } from '@frameport/framing'
import { ByteQueue } from './byte-queue.ts'
import type { ChunkSizer } from './chunking.ts'
import { PairEnd } from './pair-end.ts'
import type { EndLimits, MemoryStreamCounters } from './pair-end-types.ts'
import type { Wire } from './wire.ts'

/** One end of an in-memory pair. {@link createMemoryPair} makes both. */
export interface MemoryStream extends ByteStream {
  /** What became of the bytes that this end sent. */
  readonly counters: MemoryStreamCounters
  /** `closed`: ended in both directions, aborted or reset. The sink may not have been called yet. */
  readonly state: 'open' | 'closed'
}

/** An end that carries bytes. A sizer decides the chunks. */
export class MemoryEnd extends PairEnd<ByteStreamSink, ByteQueue> implements MemoryStream {
  readonly #sizer: ChunkSizer

  constructor(outgoing: Wire<ByteQueue>, incoming: Wire<ByteQueue>, limits: EndLimits, sizer: ChunkSizer) {
    super(new ByteQueue(), outgoing, incoming, limits)
    this.#sizer = sizer
  }

  send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    return this.accept(() => copyParts(bytes))
  }

  protected override nextSegment(): Uint8Array | undefined {
    const { roomBytes } = this.outgoing
    return this.isEmpty() || roomBytes <= 0 ? undefined : this.queue.shiftSegment(roomBytes)
  }

  protected override isEmpty(): boolean {
    return this.queue.byteLength === 0
  }

  protected override hasArrived(): boolean {
    return this.incoming.arrived.byteLength > 0
  }

  protected override deliverArrived(sink: ByteStreamSink): void {
    const { arrived } = this.incoming
    const bytes = this.#sizer(arrived.firstSegmentBytes, arrived.byteLength)
    this.lend(
      bytes,
      (lent) => arrived.copyInto(lent),
      (lent) => sink.data(lent),
    )
  }

  protected override deliverEnd(sink: ByteStreamSink): unknown {
    return sink.end()
  }
}

/** Copies, because the caller may reuse its bytes as soon as `send` returns. */
function copyParts(bytes: Uint8Array | readonly Uint8Array[]): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes.slice()
  const copy = new Uint8Array(bytes.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of bytes) {
    copy.set(part, offset)
    offset += part.byteLength
  }
  return copy
}
