import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { FloodGate } from '../../src/server/flood-gate.ts'

describe('the flood gate', () => {
  test('a burst passes, one more waits, and says how long', () => {
    const gate = new FloodGate(() => 0)
    for (let count = 0; count < limits.floodBurst; count += 1) expect(gate.pass()).toBe(0)
    expect(gate.pass()).toBe(1_000 / limits.floodPerSecond)
  })

  test('after the burst the rate is what it says', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    let passed = 0
    for (; nowMs <= 60_000; nowMs += 1) if (gate.pass() === 0) passed += 1
    expect(passed).toBe(limits.floodBurst + 60 * limits.floodPerSecond)
  })

  test('who waits as told passes', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    for (let count = 0; count < limits.floodBurst; count += 1) gate.pass()
    for (let count = 0; count < 50; count += 1) {
      nowMs += gate.pass()
      expect(gate.pass()).toBe(0)
    }
  })

  test('a long silence earns one burst, not more', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    nowMs = 3_600_000
    for (let count = 0; count < limits.floodBurst; count += 1) expect(gate.pass()).toBe(0)
    expect(gate.pass()).toBeGreaterThan(0)
  })
})
