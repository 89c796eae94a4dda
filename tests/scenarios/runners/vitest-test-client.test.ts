import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => void vi.useRealTimers())

test.each(['never', 'before', 'after'])(
  'a test client and virtual time work with timers faked by vitest %s the first import',
  { timeout: 60_000 },
  async (when) => {
    vi.resetModules()
    if (when === 'after') await import('@frameport/testing/client')
    if (when !== 'never') vi.useFakeTimers()
    const { exerciseAll } = await import('./test-client.mjs')
    await exerciseAll()
    if (when !== 'never') expect(vi.getTimerCount()).toBe(0)
  },
)
