import { describe, expect, it } from 'vitest'
import { assertQuiet } from '../../src/index.ts'
import type { MemoryStream } from '../../src/memory-stream.ts'
import { expectAccounted } from '../stream-rules/kinds.ts'
import { World } from './random-world.ts'

/** Runs one seed, and returns the numbers of intact and broken connections and of received bytes. */
async function run(seed: number): Promise<{ intact: number; broken: number; bytes: number }> {
  const world = new World(seed)
  for (let step = 0; step < 200; step++) await world.step()
  await world.healed()
  let intact = 0
  for (const [number, pair] of world.numberedSides()) {
    expectAccounted({ a: pair[0].stream as MemoryStream, b: pair[1].stream as MemoryStream })
    for (const [side, peer] of [pair, [pair[1], pair[0]]] as const) {
      expect(side.receivedBytes, `received on ${number}`).toBeLessThanOrEqual(peer.sentBytes)
      if (side.wasEnded && !world.wasCut.has(number) && !peer.broke) {
        expect(peer.hasEnded, `an end that was heard on ${number}`).toBe(true)
      }
    }
    if (world.wasCut.has(number) || pair[0].broke || pair[1].broke) continue
    intact += 1
    for (const [side, peer] of [pair, [pair[1], pair[0]]] as const) {
      expect(side.receivedBytes, `arrived on ${number}`).toBe(peer.sentBytes)
      expect(side.wasEnded, `an end on ${number}`).toBe(peer.hasEnded)
      expect(side.error, `an error on ${number}`).toBeUndefined()
      expect(side.closes, `closes on ${number}`).toBe(side.hasEnded && peer.hasEnded ? 1 : 0)
    }
  }
  // Each end of a live process is closed exactly once.
  for (const side of world.living()) side.stream.abort()
  await world.network.clock.advance(60_000)
  for (const side of world.living()) expect(side.closes).toBe(1)
  for (const side of world.sides.flat()) expect(side.closes).toBeLessThanOrEqual(1)
  for (const host of world.hosts) host.kill()
  await world.network.clock.advance(60_000)
  assertQuiet(world.network.clock, world.network)
  const sides = world.sides.flat()
  return {
    intact,
    broken: world.sides.length - intact,
    bytes: sides.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
  }
}

describe('random networks keep the guarantees of streams', () => {
  const seeds = Number(process.env.FRAMEPORT_SIM_SEEDS ?? 20)
  const from = Number(process.env.FRAMEPORT_SIM_FROM ?? 1)

  it(`of ${seeds} seeds`, async () => {
    const all = { intact: 0, broken: 0, bytes: 0 }
    for (let seed = from; seed < from + seeds; seed++) {
      const { intact, broken, bytes } = await run(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error })
      })
      all.intact += intact
      all.broken += broken
      all.bytes += bytes
    }
    expect(all.intact).toBeGreaterThan(seeds / 2)
    expect(all.broken).toBeGreaterThan(seeds / 2)
    expect(all.bytes).toBeGreaterThan(seeds * 2_000)
  }, 300_000)
})
