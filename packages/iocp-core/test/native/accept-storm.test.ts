import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { isZero, nativeBackEnds, openDriver, record, until } from './drivers.ts'

const loopback = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
/** More than any queue of a port holds. */
const stormCount = 1_500
/** Accepts of one listener in one wait of a port: native/port.h. */
const acceptsOfWait = 16
/** The accepts of a few waits. Without a limit for each wait, events after a storm would wait for the whole storm. */
const acceptsBeforeOthersMax = 8 * acceptsOfWait

describe('a storm of connects at one listener', () => {
  for (const { backend, absent } of nativeBackEnds) {
    test.skipIf(absent)(`on ${backend} delays neither another listener nor a connection`, async () => {
      const driver = openDriver(backend)
      const peers: Socket[] = []
      /** Connects with one system call each: the connections are in the listener's backlog when this returns. */
      const knock = (port: number, count: number) => {
        for (let index = 0; index < count; index++) {
          peers.push(connect(port, '127.0.0.1').on('error', () => undefined))
        }
      }
      const failed = (error: Error) => {
        throw error
      }
      let stormed = 0
      let stormedBeforeOther = -1
      let stormedBeforeBytes = -1
      const stormListener = await driver.listen(
        loopback,
        { backlog: 2 * stormCount },
        {
          acceptFailed: failed,
          accepted: (one) => {
            stormed++
            record(one)
            one.close(true)
          },
        },
      )
      const otherListener = await driver.listen(
        loopback,
        {},
        {
          acceptFailed: failed,
          accepted: (one) => {
            if (peers.length > 1) stormedBeforeOther = stormed
            one.events = {
              ...record(one),
              received: () => {
                stormedBeforeBytes = stormed
              },
            }
            one.receiveStart()
          },
        },
      )
      const portOf = ({ endpoint }: typeof stormListener) => ('port' in endpoint ? endpoint.port : 0)
      knock(portOf(otherListener), 1)
      await until(() => driver.counters.operationsInFlight === 3)

      knock(portOf(stormListener), stormCount)
      knock(portOf(otherListener), 1)
      peers[0]?.write('?')
      await until(() => stormed === stormCount && stormedBeforeOther >= 0 && stormedBeforeBytes >= 0)
      expect(stormedBeforeOther).toBeLessThanOrEqual(acceptsBeforeOthersMax)
      expect(stormedBeforeBytes).toBeLessThanOrEqual(acceptsBeforeOthersMax)

      for (const peer of peers) peer.resetAndDestroy()
      await until(() => driver.counters.connections === 0)
      await Promise.all([stormListener.close(), otherListener.close()])
      await until(() => isZero(driver))
      await driver.close()
    })
  }
})
