import { mock, test } from 'node:test'
import { backEnds, exercise } from './scenario.mjs'

/*
 * node-test-timers.mjs before|after: the test fakes timers before the first import of the packages, or after it. Each
 * needs its own process, because node:test changes modules of node, and a module is imported only once.
 */
const [, , when] = process.argv

test(`timers faked ${when} the first import`, { timeout: 60_000 }, async () => {
  const names = when === 'after' ? await backEnds() : undefined
  for (let round = 0; round < 2; round++) {
    mock.timers.enable()
    let fired = false
    setTimeout(() => {
      fired = true
    }, 1)
    for (const backend of names ?? (await backEnds())) await exercise(backend)
    if (fired) throw new Error('the timer of the test was real')
    mock.timers.tick(1)
    if (!fired) throw new Error('the timer of the test was not fake')
    mock.timers.reset()
    for (const backend of await backEnds()) await exercise(backend)
  }
})
