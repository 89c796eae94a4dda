import type { ByteStream, ByteStreamSink } from '@frameport/framing'

/** A sink that keeps copies of its data, and its calls, in order. */
export interface Recorder extends ByteStreamSink {
  readonly chunks: Uint8Array[]
  readonly events: string[]
  closeError: Error | undefined
}

export function record(stream: ByteStream, onData?: (chunk: Uint8Array) => void): Recorder {
  const recorder: Recorder = {
    chunks: [],
    events: [],
    closeError: undefined,
    data(chunk) {
      recorder.chunks.push(chunk.slice())
      recorder.events.push(`data ${chunk.byteLength}`)
      onData?.(chunk)
    },
    end: () => void recorder.events.push('end'),
    drain: () => void recorder.events.push('drain'),
    close(error) {
      recorder.events.push('close')
      recorder.closeError = error
    },
  }
  stream.start(recorder)
  return recorder
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.byteLength
  }
  return all
}

/** `length` bytes with a period that is not a multiple of any chunk size. */
export function patterned(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251)
}
