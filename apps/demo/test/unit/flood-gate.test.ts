import { describe, expect, test } from 'vitest'
import { limits } from '../../src/limits.ts'
import { FloodGate } from '../../src/server/flood-gate.ts'

describe('The flood gate', () => {
  test('lets a burst pass, and returns the time to wait for one more', () => {
    const gate = new FloodGate(() => 0)
    for (let count = 0; count < limits.floodBurst; count += 1) expect(gate.pass()).toBe(0)
    expect(gate.pass()).toBe(1_000 / limits.floodPerSecond)
  })

  test('applies the documented rate after the burst', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    let passed = 0
    for (; nowMs <= 60_000; nowMs += 1) if (gate.pass() === 0) passed += 1
    expect(passed).toBe(limits.floodBurst + 60 * limits.floodPerSecond)
  })

  test('lets a caller pass that waits as long as requested', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    for (let count = 0; count < limits.floodBurst; count += 1) gate.pass()
    for (let count = 0; count < 50; count += 1) {
      nowMs += gate.pass()
      expect(gate.pass()).toBe(0)
    }
  })

  test('allows one burst after a long silence, not more', () => {
    let nowMs = 0
    const gate = new FloodGate(() => nowMs)
    nowMs = 3_600_000
    for (let count = 0; count < limits.floodBurst; count += 1) expect(gate.pass()).toBe(0)
    expect(gate.pass()).toBeGreaterThan(0)
  })
})
