import { expect, it, onTestFinished } from 'vitest'
import { ByteQueue } from '../src/byte-queue.ts'

it('a long queue is emptied in order and in linear time', () => {
  const count = 100_000
  const queue = new ByteQueue()
  for (let index = 0; index < count; index++) queue.push(Uint8Array.of(index))
  let moved = 0
  const { splice } = Array.prototype
  onTestFinished(() => void Object.assign(Array.prototype, { splice }))
  Array.prototype.splice = function (this: unknown[], ...args: [number, number]) {
    moved += this.length
    return splice.apply(this, args)
  }
  let inOrder = true
  for (let index = 0; index < count; index++) inOrder &&= queue.shiftSegment(1)[0] === index % 256
  Array.prototype.splice = splice
  expect(inOrder).toBe(true)
  expect(queue.byteLength).toBe(0)
  expect(moved / count).toBeLessThan(4)
})
