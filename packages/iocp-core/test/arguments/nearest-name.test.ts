import { expect, test } from 'vitest'
import { nearestName } from '../../src/arguments/nearest-name.ts'

const names = ['noDelay', 'backlog', 'keepAliveIdleMs']

test.each([
  ['nodelay', 'noDelay'],
  ['noDealy', 'noDelay'],
  ['backlogs', 'backlog'],
  ['keepAliveIdle', 'keepAliveIdleMs'],
  ['signal', undefined],
  ['balog', 'backlog'],
  ['log', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
])('%.20s is perhaps %s', (name, nearest) => {
  expect(nearestName(name, names)).toBe(nearest)
})
