import { describe, expect, test } from 'vitest'
import { nativeBackEnds } from './drivers.ts'
import { runChild } from './run-child.ts'

describe.each(nativeBackEnds)('a long send on $backend', ({ backend, absent }) => {
  if (absent) return test.skip('this system refuses it: see probe()', () => undefined)

  // The memory of a process is read from /proc.
  test.skipIf(process.platform !== 'linux')(
    'returns its memory to the system while it is sent, not only after its last byte',
    { timeout: 60_000 },
    async () => {
      const { code, output } = await runChild('giant-send.ts', { args: [backend] })
      expect(output).toMatch(/given back\n$/)
      expect(code).toBe(0)
    },
  )
})
