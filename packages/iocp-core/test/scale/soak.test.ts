import { describe, expect, test } from 'vitest'
import { probe } from '../../src/index.ts'
import { runNode } from '../native/run-child.ts'

/* Small runs of the commands. `npm run soak`, as in .ci/run, runs the full sizes. */
const patience = { timeout: 300_000 }

function soak(given: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  return runNode(
    ['--expose-gc', '--conditions=@frameport/source', '--import', 'tsx', 'test/scale/soak.ts', ...given],
    environment,
  )
}

describe('soak', () => {
  for (const { backend, available } of probe()) {
    if (!available) continue

    test(`on ${backend} cycles and held connections leave nothing behind`, patience, async () => {
      const { code, output } = await soak(['--backend', backend, '--cycles', '2000', '--connections', '200'])
      expect(output).toMatch(new RegExp(`^${backend}: 2000 cycles in .*descriptors`, 'm'))
      expect(output).toMatch(new RegExp(`^${backend}: 200 connections held and each echoed`, 'm'))
      expect(code).toBe(0)
    })
  }

  test('a connection that is left open makes each task fail', patience, async () => {
    const runs = ['--cycles', '--connections'].map((task) =>
      soak(['--backend', 'net', task, '100', '--leave', '1'], { FRAMEPORT_SOAK_PATIENCE_MS: '10000' }),
    )
    for (const { code, output } of await Promise.all(runs)) {
      expect(output).toMatch(/never came to hold: (nothing left open|0 connections)/)
      expect(code).toBe(1)
    }
  })

  test('wrong arguments print the usage and fail', patience, async () => {
    for (const given of [
      [],
      ['--cycles', '0'],
      ['--cycles', 'many'],
      ['--backend', 'kqueue', '--cycles', '1'],
    ]) {
      const { code, output } = await soak(given)
      expect(output).toContain('usage: soak')
      expect(code).toBe(2)
    }
  })
})
