import assert from 'node:assert/strict'
import { IocpError } from '../../src/index.ts'
import type { ConformanceCase } from '../conformance-case.ts'
import { byteValues } from '../support/byte-values.ts'
import { pattern } from '../support/bytes.ts'
import { assertNone } from '../support/errors.ts'
import { Neighbours } from '../support/neighbours.ts'
import { wrongValues } from '../support/values.ts'

/** A send of this many bytes waits for the end of the turn; the other one goes to the kernel at once. */
const lengths = [5, 100_000]

export const sendArgumentCases: readonly ConformanceCase[] = [
  {
    name: 'send refuses values that are not bytes, sends no part of them and keeps nothing',
    timeoutMs: 60_000,
    async run(context) {
      const neighbours = await Neighbours.two(context.openPort())
      const [victim, , neighbour] = neighbours.directions
      const faults: string[] = []
      for (const { name, make } of wrongValues) {
        victim!.send(3)
        neighbour!.send(4)
        const before = victim!.sender.queuedBytes
        const answer = answerTo(() => victim!.sender.send(make() as Uint8Array))
        if (answer !== 'INVALID_ARGUMENT') faults.push(`${name}: ${answer}`)
        if (victim!.sender.queuedBytes !== before) faults.push(`${name}: it keeps something`)
        neighbour!.send(6)
        victim!.send(7)
        await turn()
      }
      await neighbours.allArrived(context).catch((error: Error) => faults.push(error.message))
      assertNone(faults)
      await neighbours.end(context)
    },
  },
  {
    name: 'send accepts bytes of every kind by their actual length, and the peer receives exactly these bytes',
    timeoutMs: 60_000,
    async run(context) {
      const neighbours = await Neighbours.two(context.openPort())
      const [victim, , neighbour] = neighbours.directions
      const faults: string[] = []
      for (const length of lengths) {
        for (const { name, make } of byteValues) {
          const bytes = pattern(length, length + name.length)
          neighbour!.send(4)
          const answer = answerTo(() => victim!.sender.send(make(bytes) as Uint8Array))
          if (['sent', 'queued', 'full'].includes(answer)) victim!.expect(bytes)
          else faults.push(`${name} (${length} bytes): ${answer}`)
          neighbour!.send(6)
          victim!.send(7)
          const signal = AbortSignal.timeout(10_000)
          await neighbours.allArrived({ signal }).catch((error: Error) => {
            assertNone([...faults, `${name} (${length} bytes): ${error.message}`])
          })
        }
      }
      assertNone(faults)
      await neighbours.end(context)
    },
  },
  {
    name: 'a getter of an argument may send, end and abort: nothing overtakes, and nothing is sent afterwards',
    async run(context) {
      const neighbours = await Neighbours.two(context.openPort())
      const [direction, , other] = neighbours.directions
      const { sender } = direction!
      const inside = (act: () => void) => {
        const get = () => {
          act()
          return Uint8Array.of(9)
        }
        return Object.defineProperty([Uint8Array.of(8)], 1, { get }) as Uint8Array[]
      }
      const verdict = sender.send(
        inside(() => {
          direction!.send(10)
          other!.send(10)
        }),
      )
      assert.equal(verdict, 'queued')
      direction!.expect(Uint8Array.of(8, 9))
      await neighbours.allArrived(context)
      assert.equal(sender.send(inside(() => sender.end())), 'closed')
      await direction!.recorder.untilEnd(context.signal)
      await direction!.arrived(context.signal)
      assert.equal(other!.sender.send(inside(() => other!.sender.abort())), 'closed')
      await other!.recorder.untilClose(context.signal)
      await other!.arrived(context.signal)
      neighbours.connections[1]!.end()
    },
  },
  {
    name: 'send also refuses values that are not bytes after the end of the connection',
    async run(context) {
      const neighbours = await Neighbours.two(context.openPort())
      await neighbours.end(context)
      const { sender } = neighbours.directions[0]!
      assert.equal(
        answerTo(() => sender.send('hello' as unknown as Uint8Array)),
        'INVALID_ARGUMENT',
      )
      assert.equal(
        answerTo(() => sender.send(Uint8Array.of(1))),
        'closed',
      )
    },
  },
]

/** The verdict, or the code of the error, or what else was thrown. */
function answerTo(send: () => string): string {
  try {
    return send()
  } catch (error) {
    return IocpError.is(error) ? error.code : `throws ${error}`
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
