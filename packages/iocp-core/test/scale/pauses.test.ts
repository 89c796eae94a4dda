import { describe, expect, test } from 'vitest'
import { nativeBackEnds } from '../native/drivers.ts'
import { runNode } from '../native/run-child.ts'

/* A small run of the command: `npm run soak:pauses` has the size at which the fault was found. */
const patience = { timeout: 300_000 }

function pauses(...given: string[]) {
  return runNode(['--conditions=@frameport/source', '--import', 'tsx', 'test/scale/pauses.ts', ...given])
}

describe('pauses', () => {
  for (const { backend, absent } of nativeBackEnds) {
    test.skipIf(absent)(
      `on ${backend} short connections are answered beside many that are paused and resumed all the time`,
      patience,
      async () => {
        // More quiet connections than one wait of the port submits: then a lost operation stays lost.
        const size = ['--quiet', '5000', '--short', '1500']
        const { code, output } = await pauses('--backend', backend, ...size)
        expect(output).toMatch(
          new RegExp(
            `^${backend}: 1500 short .* 5000 quiet .*all answered.*close\\(\\) and terminate\\(\\) settled`,
            'm',
          ),
        )
        expect(code).toBe(0)
      },
    )
  }

  test('wrong arguments print the usage and fail', patience, async () => {
    for (const given of [
      [],
      ['--backend', 'epoll', '--quiet', '0'],
      ['--backend', 'epoll', '--short', 'many'],
    ]) {
      const { code, output } = await pauses(...given)
      expect(output).toContain('usage: pauses')
      expect(code).toBe(2)
    }
  })
})
