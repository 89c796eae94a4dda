import { describe, expect, it } from 'vitest'
import { attachFrames, type SendVerdict } from '../../src/index.ts'
import { concat, hex, toHex } from '../support/bytes.ts'
import { ScriptedStream } from '../support/scripted-stream.ts'

/** A stream that calls a function between the parts that it sends. */
class MeddledStream extends ScriptedStream {
  readonly copies: Uint8Array[] = []
  between: ((parts: Uint8Array[]) => void) | undefined

  override send(bytes: Uint8Array | readonly Uint8Array[]): SendVerdict {
    const parts = (Array.isArray(bytes) ? bytes : [bytes]) as Uint8Array[]
    for (let index = 0; index < parts.length; index++) {
      this.copies.push((parts[index] as Uint8Array).slice())
      if (index === 0) this.between?.(parts)
    }
    return this.verdict
  }

  get hex(): string {
    return toHex(concat(...this.copies))
  }
}

function meddled() {
  const stream = new MeddledStream()
  return { stream, channel: attachFrames(stream) }
}

describe('a frame that is being sent', () => {
  it('is not changed by a frame that is sent on another channel meanwhile', () => {
    const outer = meddled()
    const inner = meddled()
    outer.stream.between = () => inner.channel.send(hex('0a0b'))
    outer.channel.send(hex('01'))
    expect([outer.stream.hex, inner.stream.hex]).toEqual(['0000000101', '000000020a0b'])
  })

  it('is complete although the stream has changed the parts of the previous frame', () => {
    const { stream, channel } = meddled()
    stream.between = (parts) => parts.splice(0, 2, hex('ff'), hex('ff'), hex('ff'))
    channel.send(hex('01'))
    stream.between = undefined
    stream.copies.length = 0
    channel.send(hex('0203'))
    expect(stream.hex).toBe('000000020203')
  })

  it('is lent again after the stream threw', () => {
    const { stream, channel } = meddled()
    const lent: Uint8Array[][] = []
    stream.between = (parts) => {
      lent.push(parts)
      if (lent.length === 1) throw new Error('boom')
    }
    expect(() => channel.send(hex('01'))).toThrow('boom')
    channel.send(hex('02'))
    expect(lent[1]).toBe(lent[0])
  })

  it('does not reference its payload after it was sent', () => {
    const { stream, channel } = meddled()
    const payload = hex('010203')
    let kept: Uint8Array[] = []
    stream.between = (parts) => {
      kept = parts
    }
    channel.send(payload)
    expect(kept).not.toContain(payload)
  })
})
