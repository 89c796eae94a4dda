import { MessageChannel } from 'node:worker_threads'
import type { FrameSink } from '@frameport/framing'
import { expect, it, onTestFinished } from 'vitest'
import { messagePortChannel } from '../../examples/transports/message-port-channel.ts'
import { realTime } from './worlds/world.ts'

const { eventually, settle } = realTime

/** Two channels, and the events of the second one's sink. */
function connected(more: Partial<FrameSink> = {}) {
  const { port1, port2 } = new MessageChannel()
  const [near, far] = [messagePortChannel(port1), messagePortChannel(port2)]
  const heard: string[] = []
  const nearHeard: string[] = []
  near.start({
    frame: (payload) => void nearHeard.push(`frame ${payload.length}`),
    end: () => void nearHeard.push('end'),
    drain: () => void nearHeard.push('drain'),
    close: (error) => void nearHeard.push(`close ${error?.message ?? ''}`),
  })
  far.start({
    frame(payload) {
      heard.push(`frame ${payload.length}`)
      more.frame?.(payload)
    },
    end: () => void heard.push('end'),
    close: (error) => void heard.push(`close ${error?.message ?? ''}`),
    ...(more.invalid === undefined ? {} : { invalid: () => void heard.push('invalid') }),
  })
  onTestFinished(() => {
    near.abort()
    far.abort()
  })
  return { near, far, heard, nearHeard }
}

const bytes = (length: number) => new Uint8Array(length)

it('a channel preserves the boundaries of frames, and copies and lends their bytes', async () => {
  const lent: Uint8Array[] = []
  const { near, heard } = connected({ frame: (payload) => void lent.push(payload) })
  const payload = Uint8Array.of(1, 2, 3)
  near.send([payload, new Uint8Array(), payload])
  expect(payload.length).toBe(3)
  near.send(bytes(0))
  expect(heard).toEqual([])
  await eventually('both came', () => heard.length === 2)
  expect(heard).toEqual(['frame 6', 'frame 0'])
  expect([...(lent[0] as Uint8Array)]).toEqual(Array.from({ length: 6 }, () => 0xdd))
})

it('a channel counts bytes that a paused reader has not read, returns full above 1 MiB, and drains once after the reader resumes', async () => {
  const { near, far, heard, nearHeard } = connected()
  far.pause()
  expect(near.send(bytes(65_536))).toBe('sent')
  expect([near.send(bytes(1_048_576)), near.queuedBytes]).toEqual(['queued', 1_048_576])
  expect(near.send(bytes(1))).toBe('full')
  let drained = false
  const waiting = near.drained().then(() => {
    drained = true
  })
  await settle()
  expect([heard, nearHeard, drained]).toEqual([[], [], false])
  far.resume()
  expect(heard).toEqual([])
  await waiting
  await eventually('all came', () => heard.length === 3)
  await eventually('it was acknowledged', () => near.queuedBytes === 0)
  expect(nearHeard).toEqual(['drain'])
})

it('a channel can be half-closed, and closes without an error after both sides have ended and paused data was delivered', async () => {
  const { near, far, heard, nearHeard } = connected()
  far.pause()
  near.send(bytes(1))
  near.end()
  expect(near.send(bytes(1))).toBe('closed')
  await settle()
  expect(heard).toEqual([])
  far.send(bytes(2))
  far.end()
  await eventually('the near side is closed', () => nearHeard.length === 3)
  expect(nearHeard).toEqual(['frame 2', 'end', 'close '])
  await settle()
  expect(heard).toEqual([])
  far.resume()
  await eventually('the far side is closed', () => heard.length === 3)
  expect(heard).toEqual(['frame 1', 'end', 'close '])
})

it('an aborted channel has its reason on this side and a general reason on the other, also while it is paused', async () => {
  const { near, far, heard, nearHeard } = connected()
  far.pause()
  near.send(bytes(1))
  near.abort(new Error('enough'))
  near.abort(new Error('later'))
  expect(nearHeard).toEqual([])
  await eventually('the far side is closed', () => heard.length === 1)
  expect([nearHeard, heard]).toEqual([['close enough'], ['close The other side aborted.']])
})

it('a channel passes a frame that is too long to invalid and delivers nothing after it, or aborts', async () => {
  const lenient = connected({ invalid: () => undefined })
  const strict = connected()
  for (const { near, far } of [lenient, strict]) {
    far.receiveBytesMax = 2
    near.sendBytesMax = 3
    expect(() => near.send(bytes(4))).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LONG' }))
    near.send(bytes(3))
    near.send(bytes(1))
    near.end()
  }
  await eventually('the strict side is closed', () => strict.heard.length === 1)
  expect(strict.heard).toEqual(['close A frame came that is over receiveBytesMax.'])
  await eventually('the lenient side was told', () => lenient.heard.length > 0)
  await settle()
  expect(lenient.heard).toEqual(['invalid'])
  lenient.far.send(bytes(2))
  lenient.far.end()
  await eventually('both are closed', () => lenient.nearHeard.length === 3 && lenient.heard.length === 2)
  expect(lenient.nearHeard).toEqual(['frame 2', 'end', 'close '])
})
