import { setTimeout as sleep } from 'node:timers/promises'
import type { EchoCheck } from './echo-check.ts'
import type { Randomness } from './random-bytes.ts'

/** One part of the check. It sends frames, and settles when every echo has arrived. */
interface Phase {
  readonly name: string
  run(check: EchoCheck, plan: PhasePlan): Promise<void>
}

interface PhasePlan {
  readonly random: Randomness
  /** Frames of the last phase. */
  readonly count: number
  /** Longer payloads are left out. */
  readonly frameBytesMax: number
}

const sizes = [0, 1, 2, 3, 4, 5, 1023, 1024, 1025, 65_535, 65_536, 65_537, 1 << 20, 8 << 20]
const bytewiseSizes = [0, 1, 4, 5, 300]
const cuts = [1, 2, 3, 4, 5]

/** Long enough that a segment has left before the next is written. */
const byteGapMs = 0.5
const pieceGapMs = 5

/** The phases of an independent peer, in its order: 391 echoes with a count of 200. */
export const phases: readonly Phase[] = [
  {
    name: 'sizes',
    async run(check, plan) {
      for (const size of sizes.filter((length) => length <= plan.frameBytesMax)) {
        await check.send(plan.random.bytes(size))
        await check.echoed()
      }
    },
  },
  {
    name: 'bytewise',
    async run(check, plan) {
      for (const size of bytewiseSizes.filter((length) => length <= plan.frameBytesMax)) {
        for (const byte of check.frame(plan.random.bytes(size))) {
          await check.sendRaw(Uint8Array.of(byte))
          await sleep(byteGapMs)
        }
        await check.echoed()
      }
    },
  },
  {
    name: 'split',
    async run(check, plan) {
      for (const cut of plan.frameBytesMax >= 1000 ? cuts : []) {
        const frame = check.frame(plan.random.bytes(1000))
        await sendInTwo(check, frame, cut)
        await check.echoed()
      }
    },
  },
  {
    name: 'coalesced',
    async run(check, plan) {
      const many = Array.from({ length: 100 }, (_, size) => size).filter((size) => size <= plan.frameBytesMax)
      await check.sendRaw(Buffer.concat(many.map((size) => check.frame(plan.random.bytes(size)))))
      await check.echoed()
      if (plan.frameBytesMax < 500) return
      const three = [500, 500, 500].map((size) => check.frame(plan.random.bytes(size)))
      await sendInTwo(check, Buffer.concat(three), 1260)
      await check.echoed()
    },
  },
  {
    name: 'pipelined',
    async run(check, plan) {
      for (let sent = 0; sent < 64; sent += 1) {
        await check.send(plan.random.bytes(Math.min(plan.frameBytesMax, plan.random.below(70_001))))
      }
      await check.echoed()
    },
  },
  {
    name: 'random',
    async run(check, plan) {
      for (let sent = 0; sent < plan.count; sent += 1) {
        const size = Math.floor(2 ** (plan.random.fraction() * 17))
        await check.send(plan.random.bytes(Math.min(plan.frameBytesMax, size)))
        await check.echoed(15)
      }
      await check.echoed()
    },
  },
]

async function sendInTwo(check: EchoCheck, bytes: Uint8Array, cut: number): Promise<void> {
  await check.sendRaw(bytes.subarray(0, cut))
  await sleep(pieceGapMs)
  await check.sendRaw(bytes.subarray(cut))
}
