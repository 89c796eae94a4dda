import { mock, test } from 'node:test'
import { exerciseAll } from './test-client.mjs'

/*
 * node-test-client.mjs never|before|after: the test fakes timers never, before the first import of the packages, or
 * after it. Only the test client keeps this process alive while it waits for a deadline.
 */
const [, , when] = process.argv

test(`timers faked ${when} the first import`, { timeout: 60_000 }, async () => {
  if (when === 'after') await import('@frameport/testing/client')
  if (when !== 'never') mock.timers.enable()
  await exerciseAll()
  mock.timers.reset()
})

test('neither an open test client nor a pending wait of a clock keeps the process alive', async () => {
  const { implement } = await import('@frameport/server')
  const { contract, procedure } = await import('@frameport/protocol')
  const { createTestClient } = await import('@frameport/testing/client')
  const { createVirtualClock } = await import('@frameport/testing')
  const desk = contract('desk', { version: 1, procedures: { ping: procedure({}) } })
  await createTestClient(implement(desk).handlers({ ping() {} })).ping()
  createVirtualClock({
    onForgotten() {
      throw new Error('the process was kept alive')
    },
  }).setTimer(10, () => undefined)
})
