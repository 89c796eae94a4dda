/**
 * A decoder of frames as a careful user of node:net writes it. Payloads are views of the received chunks; only a frame
 * that spans several data events is copied, once.
 */
const headerBytes = 4
const payloadBytesMax = 1024 * 1024

export function splitFrames(onPayload: (payload: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(headerBytes)
  let headerFilled = 0
  let payload: Buffer | undefined
  let payloadFilled = 0

  /** Continues the frame that earlier events began. Returns where the next bytes to decode start. */
  function finishPartial(chunk: Buffer): number {
    let at = 0
    if (payload === undefined) {
      at = chunk.copy(header, headerFilled, 0, headerBytes - headerFilled)
      headerFilled += at
      if (headerFilled < headerBytes) return at
      payload = Buffer.allocUnsafe(checkedLength(header.readUInt32BE(0)))
      payloadFilled = 0
    }
    const taken = chunk.copy(payload, payloadFilled, at)
    payloadFilled += taken
    if (payloadFilled < payload.length) return at + taken
    const whole = payload
    payload = undefined
    headerFilled = 0
    onPayload(whole)
    return at + taken
  }

  return (chunk) => {
    let at = headerFilled > 0 ? finishPartial(chunk) : 0
    while (chunk.length - at >= headerBytes) {
      const length = checkedLength(chunk.readUInt32BE(at))
      if (chunk.length - at - headerBytes < length) break
      onPayload(chunk.subarray(at + headerBytes, at + headerBytes + length))
      at += headerBytes + length
    }
    if (at < chunk.length) finishPartial(at === 0 ? chunk : chunk.subarray(at))
  }
}

function checkedLength(length: number): number {
  if (length > payloadBytesMax) throw new RangeError(`A frame of ${length} bytes is over the limit.`)
  return length
}
