import { defaultConnectionLimits, defaultResumeLimits } from '@frameport/protocol/session'
import { expect, it } from 'vitest'
import { limitRows } from '../../../tests/support/limit-rows.ts'
import { serverLimits } from '../src/index.ts'
import { workerLimits } from '../src/workers.ts'

const readme = new URL('../README.md', import.meta.url)

it.each([...Object.keys(serverLimits), ...Object.keys(workerLimits)])(
  'the table of README.md contains the limit %s',
  (name) => {
    expect(limitRows(readme, name)).toHaveLength(1)
  },
)

const { resumeBytes } = defaultResumeLimits
const { slowSubscriberBytesMax } = defaultConnectionLimits
const metFirst = {
  connectionsMax: serverLimits.connectionsMax,
  connectionsPerShareMax: serverLimits.connectionsPerShareMax,
  handlersInFlightMax: serverLimits.handlersInFlightMax,
  memoryBytesMax: serverLimits.memoryBytesMax,
  detachedMax: serverLimits.detachedMax,
  resumeBytes,
  slowSubscriberBytesMax,
  eventBytesWaitingMax: serverLimits.eventBytesWaitingMax,
}

it.each(Object.entries(metFirst))(
  'the page about scaling shows the default of the limit %s',
  (name, value) => {
    const rows = limitRows(new URL('../../../docs/scaling.md', import.meta.url), name)
    expect(rows.map((row) => row.split('|')[2]?.trim())).toEqual([value.toLocaleString('en-US')])
  },
)
