import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestClient } from '@frameport/testing/client'
import { Bookings } from './bookings.ts'
import type { Booking } from './contract.ts'
import { implementDesks } from './handlers.ts'

const day = '2030-01-31'

/** The real client on the real server, over a connection in memory: no port is opened, and nothing is mocked. */
function connect() {
  return createTestClient(implementDesks(new Bookings()), { authorizeSubscribe: () => true })
}

test('a desk that is booked is listed, and told to those who listen to its day', async () => {
  const ada = connect()
  const bob = ada.$connect()
  let hear: (booking: Booking) => void = () => undefined
  const heard = new Promise<Booking>((resolve) => {
    hear = resolve
  })
  await bob.$on('booked', { day }, hear).subscribed

  const booking = { day, desk: 'window', name: 'ada' }
  await ada.book(booking)

  assert.deepEqual(await heard, booking)
  const listed: Booking[] = []
  for await (const one of ada.bookings({ day })) listed.push(one)
  assert.deepEqual(listed, [booking])
  await ada.$close()
})

test('a desk is booked once: the second to ask learns by whom, and the first may ask again', async () => {
  const client = connect()
  const booking = { day, desk: 'window', name: 'ada' }
  await client.book(booking)
  await client.book(booking)
  await assert.rejects(client.book({ ...booking, name: 'bob' }), { code: 'TAKEN', data: { by: 'ada' } })
  await client.$close()
})

test('what is no day is refused before a handler sees it', async () => {
  const client = connect()
  const booking = { day: 'tomorrow', desk: 'window', name: 'ada' }
  await assert.rejects(client.book(booking), { code: 'INVALID_ARGUMENT' })
  await client.$close()
})
