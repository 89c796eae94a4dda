import { expect, it } from 'vitest'
import type { ConnectionFigures } from '../../../benchmarks/src/scale/measure-connections.ts'
import { connectionTable, eventTable, heartbeatTable } from '../../../benchmarks/src/scale/scale-tables.ts'

const connection: ConnectionFigures = {
  residentBytes: 2048,
  heapBytes: 1024,
  kernelBytes: 3072,
  openedUs: 100,
  openedPerSecond: 5000,
  callUs: 20,
  longestCollectionMs: 3,
  fullCollectionMs: 30,
}

it('shows the median of the rounds with the lowest and the highest', () => {
  const rounds = [10, 30, 20].map((openedUs) => ({ ...connection, openedUs }))
  const { head, rows } = connectionTable(4000, new Map([['one', rounds]]))
  expect(rows[0]?.[head.indexOf('µs to open')]).toBe('20 (10–30)')
})

it('shows kibibytes, and omits what a contestant does not have', () => {
  const { head, rows } = connectionTable(4000, new Map([['one', [connection]]]))
  const cell = (name: string) => rows[0]?.[head.indexOf(name)]
  expect(cell('KiB resident')).toBe('2')
  expect(cell('µs to come back')).toBe('–')
  expect(cell('KiB of heap, client away')).toBe('–')
})

it('shows a dash for receivers if there are none', () => {
  const figures = {
    name: 'bus',
    inFlight: 1,
    publisherUs: 5,
    natsUs: 2,
    receiverUs: Number.NaN,
    elapsedUs: 9,
  }
  expect(eventTable(new Map([['bus', [figures]]])).rows).toEqual([['bus', '5', '2', '–', '9']])
})

it('names the number of sessions for the heartbeats', () => {
  expect(heartbeatTable(1000, new Map([['one', [7]]])).head[1]).toBe('CPU ms a second of 1,000 sessions')
})
