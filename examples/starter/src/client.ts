// npm run client -- DAY DESK NAME
import { type Client, createClient, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { type Booking, type Desks, desks } from './contract.ts'

const show = ({ day, desk, name }: Booking) => `${day} ${desk}: ${name}`

async function run(client: Client<Desks>, wanted: Booking): Promise<void> {
  const { day } = wanted
  const stop = client.$on('booked', { day }, (booking) => console.log(`just booked: ${show(booking)}`))
  await stop.subscribed

  // A failure as a value: the compiler knows the codes, and the data of each.
  const booked = await safe(client.book(wanted, { deadlineMs: 2_000 }))
  if (booked.ok) console.log(`yours: ${show(wanted)}`)
  else if (booked.error.code === 'TAKEN') console.log(`taken by ${booked.error.data.by}`)
  else throw booked.error

  for await (const booking of client.bookings({ day })) console.log(show(booking))
}

const [day, desk, name] = process.argv.slice(2)
if (day === undefined || desk === undefined || name === undefined) {
  console.error('npm run client -- DAY DESK NAME, for instance: npm run client -- 2030-01-31 window ada')
  process.exitCode = 2
} else {
  const client = createClient<Desks>(desks, process.env.DESKS_URL ?? 'tcp://127.0.0.1:5500', {
    defaultDeadlineMs: 10_000, // of every call that gives none
  })
  try {
    await run(client, { day, desk, name })
  } catch (error) {
    // No stack for what happens in a world with networks.
    if (!RpcError.is(error)) throw error
    console.error(`${error.code}: ${error.message}`)
    process.exitCode = 1
  } finally {
    await client.$close()
  }
}
