/**
 * An envelope as a separate decoder reads it, which was written from docs/wire-protocol.md and skips what no rule
 * needs.
 */
export interface WireEnvelope {
  readonly kind: string
  readonly callId: number
  readonly payloadBytes: number
  readonly procedure?: string
  readonly deadlineMs?: number | undefined
  /** In a call: whether its sender sends items with it. */
  readonly upload?: boolean
  readonly credit?: { readonly items: number; readonly bytes: number } | undefined
  /** In a call or a credit: whether its sender asks to be told when the handler has begun. */
  readonly asksStarted?: boolean
  readonly metadata?: { readonly entries: number; readonly bytes: number } | undefined
  readonly sequence?: number
  /** In a failure, a cancel or a goaway. */
  readonly code?: string
  readonly maybeExecuted?: boolean
  readonly lastCallId?: number | undefined
  readonly bodyBytes: number
  /** Whether the body continues in further envelopes. */
  readonly goesOn: boolean
}

const kinds: Readonly<Record<number, string>> = {
  1: 'call',
  2: 'result',
  3: 'failure',
  4: 'item',
  5: 'more',
  6: 'end',
  7: 'credit',
  8: 'cancel',
  9: 'started',
  10: 'stop',
  32: 'event',
  34: 'oneway',
  64: 'hello',
  65: 'welcome',
  66: 'refused',
  70: 'ping',
  71: 'pong',
  73: 'goaway',
}

const withBody: ReadonlySet<string> = new Set([
  'call',
  'result',
  'failure',
  'item',
  'more',
  'event',
  'oneway',
])

const withExtensions: ReadonlySet<string> = new Set([...withBody, 'credit'])

const text = new TextDecoder()

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new RangeError('the payload is too short')
    return byte
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  text(): string {
    const bytes = this.varint()
    this.skip(bytes)
    return text.decode(this.#bytes.subarray(this.#at - bytes, this.#at))
  }

  extensionIds(): number[] {
    const end = this.varint() + this.#at
    const ids: number[] = []
    while (this.#at < end) {
      ids.push(this.varint())
      this.skip(this.varint())
    }
    return ids
  }

  /** The number of pairs, and the bytes of all keys and values. */
  metadata(): { entries: number; bytes: number } {
    const end = this.varint()
    const start = this.#at
    const entries = this.varint()
    let bytes = 0
    for (let index = 0; index < 2 * entries; index++) {
      const length = this.varint()
      bytes += length
      this.skip(length)
    }
    this.#at = start + end
    return { entries, bytes }
  }
}

export function readEnvelope(payload: Uint8Array): WireEnvelope {
  const reader = new Reader(payload)
  const code = reader.byte()
  const kind = kinds[code] ?? `kind ${code}`
  const flags = code < 0x80 ? reader.byte() : 0
  const has = (bit: number) => (flags & (1 << bit)) !== 0
  const callId = code < 0x20 ? reader.varint() : 0
  const fields = fieldsOf(kind, reader, has)
  const asksStarted = has(7) && withExtensions.has(kind) ? reader.extensionIds().includes(2) : false
  const metadata = has(2) && withBody.has(kind) ? reader.metadata() : undefined
  return {
    kind,
    callId,
    payloadBytes: payload.length,
    ...fields,
    asksStarted,
    metadata,
    bodyBytes: withBody.has(kind) ? reader.left : 0,
    goesOn: code < 0x20 && has(3),
  }
}

function fieldsOf(kind: string, reader: Reader, has: (bit: number) => boolean): Partial<WireEnvelope> {
  switch (kind) {
    case 'call':
      return {
        procedure: reader.text(),
        deadlineMs: has(4) ? reader.varint() : undefined,
        credit: has(5) ? { items: reader.varint(), bytes: reader.varint() } : undefined,
        upload: has(6),
      }
    case 'oneway':
      return { procedure: reader.text(), deadlineMs: has(4) ? reader.varint() : undefined }
    case 'failure': {
      const code = reader.text()
      reader.text()
      if (has(5)) reader.varint()
      return { code, maybeExecuted: has(4) }
    }
    case 'item':
      return { sequence: reader.varint() }
    case 'credit':
      return { credit: { items: reader.varint(), bytes: reader.varint() } }
    case 'cancel':
      return { code: reader.text() }
    case 'event':
      reader.text()
      reader.text()
      return {}
    case 'goaway': {
      const code = reader.text()
      reader.text()
      return { code, lastCallId: has(4) ? reader.varint() : undefined }
    }
    default:
      return {}
  }
}
