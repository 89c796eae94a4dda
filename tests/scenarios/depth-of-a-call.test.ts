import { expect, it, onTestFinished } from 'vitest'
import { lab } from './lab-contract.ts'
import { setStage } from './setup.ts'
import { portWorld } from './worlds/port-world.ts'

/** A call through each of them, for every frame that arrives. Fewer is better: lower this with them. */
const callsMax = 10

/** The deadline of a call is set while the call is entered in the table, so that a timer sees the whole way. */
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

/** Our own functions behind the driver that had the bytes, the outermost first, to the table of calls. */
function wayIn(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => line.includes('/packages/'))
  const table = frames.findIndex((line) => line.includes('IncomingCalls.call '))
  const driver = frames.findIndex((line) => line.includes('/iocp-core/src/net/'))
  if (table < 0 || driver < table) return []
  return frames.slice(table, driver).reverse()
}

it(`a call passes ${callsMax} functions at most between the driver and the table of calls`, async () => {
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
