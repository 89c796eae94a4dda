import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { Draw } from '../support/draw.ts'
import { FrameMeter, type SeenFrame } from './frame-meter.ts'

const lengths = [2, 3, 200, 70_000, 2, 17]

function frames(): { readonly bytes: Buffer; readonly expected: SeenFrame[] } {
  const parts: Buffer[] = []
  const expected: SeenFrame[] = []
  let at = 0
  for (const [number, length] of lengths.entries()) {
    const frame = Buffer.alloc(4 + length, 0xee)
    frame.writeUInt32BE(length, 0)
    frame[4] = number
    frame[5] = 0x10
    parts.push(frame)
    expected.push({ number, beginsAt: at, endsAt: at + frame.length, kind: number, flags: 0x10 })
    at += frame.length
  }
  return { bytes: Buffer.concat(parts), expected }
}

test('finds every frame, however its bytes are split', () => {
  const { bytes, expected } = frames()
  for (let seed = 0; seed < 200; seed++) {
    const draw = new Draw(seed)
    const meter = new FrameMeter()
    const seen: SeenFrame[] = []
    for (let at = 0; at < bytes.length; ) {
      const end = at + draw.pick([1, 2, 3, 5, 8, 1_000, 40_000, 100_000])
      seen.push(...meter.take(bytes.subarray(at, end)))
      at = end
      expect(meter.bytes).toBe(Math.min(at, bytes.length))
    }
    expect(seen).toEqual(expected)
  }
})
