import { expect, test } from 'vitest'
import { createCompletionPort, IocpError } from '../../src/index.ts'

test('a port and a listener are closed at the end of the block that uses them', async () => {
  const counters = []
  const port = createCompletionPort({ backend: 'net' })
  {
    await using used = port
    {
      await using listener = await used.listen('tcp://127.0.0.1:0', () => undefined)
      expect(listener.url).toMatch(/^tcp:/)
      counters.push(port.counters.listeners)
    }
    counters.push(port.counters.listeners)
  }
  expect(counters).toEqual([1, 0])
  const late = port.connect('tcp://127.0.0.1:1').catch((error: unknown) => error)
  expect(IocpError.is(await late) && ((await late) as IocpError).code).toBe('PORT_CLOSED')
})
