import { expect, it, onTestFinished } from 'vitest'
import { lab } from './lab-contract.ts'
import { setStage } from './setup.ts'
import { portWorld } from './worlds/port-world.ts'

/** Every arriving frame passes through each of these functions. Lower this number whenever the code allows it. */
const callsMax = 10

/**
 * The deadline of a call is set when the call is entered in the table, so the stack of the timer contains the whole
 * path.
 */
function watchingTimers(seen: (stack: string) => void) {
  const { stackTraceLimit } = Error
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
  Error.stackTraceLimit = 200
  return {
    nowMs: () => performance.now(),
    random: Math.random,
    setTimer(delayMs: number, callback: () => void) {
      seen(new Error('here').stack ?? '')
      const timer = setTimeout(callback, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
  }
}

/** Returns our own functions after the driver, the outermost first, up to the table of calls. */
function wayIn(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => line.includes('/packages/'))
  const table = frames.findIndex((line) => line.includes('IncomingCalls.call '))
  const driver = frames.findIndex((line) => line.includes('/iocp-core/src/net/'))
  if (table < 0 || driver < table) return []
  return frames.slice(table, driver).reverse()
}

it(`at most ${callsMax} functions are between the driver and the table of calls`, async () => {
  const world = portWorld('net')
  const ways: string[][] = []
  const environment = watchingTimers((stack) => ways.push(wayIn(stack)))
  const { server } = setStage(world, { environment })
  const client = await world.connect(server, lab)
  await client.$connection.opened()
  await client.nothing({ deadlineMs: 10_000 })
  const found = ways.filter((way) => way.length > 0)
  expect(found).toHaveLength(1)
  const [way = []] = found
  expect(way.length, `the functions on the way:\n${way.join('\n')}`).toBeLessThanOrEqual(callsMax)
  await world.close(server)
})
