import { mock, test } from 'node:test'
import { backEnds, exercise } from './scenario.mjs'

/*
 * node-test-timers.mjs before|after: with timers faked before the first import of the packages, or after it. One
 * process for each: node:test reaches into the modules of node, and an import happens once.
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
