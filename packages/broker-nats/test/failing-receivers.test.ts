import { expect, test } from 'vitest'
import { reachingProcess } from '../../../tests/support/failing-callbacks.ts'
import { describeWithNats } from '../../../tests/support/nats-server.ts'
import { until } from '../../../tests/support/until.ts'
import { eventOf, Heard, lobby } from './support/events.ts'
import { connection, natsServer } from './support/opened.ts'

describeWithNats('a callback that throws', () => {
  test('of a receiver, a follower or a state change is reported as uncaught, and the connection continues', async () => {
    const server = await natsServer()
    const failure = new Error('from a callback')
    const fail = () => {
      throw failure
    }
    const broker = await connection(server, { onStateChange: fail })
    const other = await connection(server)
    const heard = new Heard()
    const fails = broker.bus.join({ event: fail, gap: fail })
    const listens = broker.bus.join(heard)
    const publisher = other.bus.join(new Heard())
    const log = await broker.log()
    await fails.listen(lobby)
    await listens.listen(lobby)
    await log.follow?.(lobby, { event: fail, missed: fail }).ready
    const { uncaught, unhandled } = await reachingProcess(async () => {
      await publisher.publish(eventOf(lobby, 'one'))
      await log.append(eventOf(lobby, 'two'))
      await until(() => heard.events.length > 0)
      await server.kill()
      await until(() => broker.state === 'away')
      await server.start()
      await until(() => heard.gaps.length > 0 && other.state === 'connected')
      await until(
        async () =>
          (await Promise.allSettled([publisher.publish(eventOf(lobby, 'three'))]))[0]?.status === 'fulfilled',
      )
      await until(() => heard.events.length > 1)
      await broker.close()
    })
    expect(unhandled).toEqual([])
    expect(new Set(uncaught)).toEqual(new Set([failure]))
    expect(uncaught.length).toBeGreaterThanOrEqual(6)
    expect(heard.events).toEqual(['one', 'three'])
  })
})
