// JOBS_KEY=key-of-grace node --import tsx admin.ts URL stats | cancel ID
import { createClient } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { jobs } from './contract.ts'

async function main([url, command, id]: string[]): Promise<void> {
  if (url === undefined) throw new Error('admin.ts URL stats | cancel ID')
  // Every call here is short, so all of them get the same deadline.
  const client = createClient(jobs, url, { auth: process.env.JOBS_KEY, defaultDeadlineMs: 5_000 })
  try {
    if (command === 'cancel' && id !== undefined) {
      const { wasThere } = await client.admin.cancel({ id })
      console.log(wasThere ? `job ${id} is cancelled` : `there is no job ${id}`)
    } else {
      const { waiting, running, finished } = await client.admin.stats()
      console.log(`${waiting} waiting, ${running} running, ${finished} finished`)
    }
  } finally {
    await client.$close()
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(RpcError.is(error) ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
