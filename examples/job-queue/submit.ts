// JOBS_KEY=key-of-ada node --import tsx submit.ts URL TEXT [WORK_MS] [DEADLINE_MS]; Ctrl-C cancels the job.
import { createClient, isErrorOf } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { jobs } from './contract.ts'

async function main([url, text, workMs = '0', deadlineMs = '60000']: string[]): Promise<void> {
  if (url === undefined || text === undefined) throw new Error('submit.ts URL TEXT [WORK_MS] [DEADLINE_MS]')
  const client = createClient(jobs, url, { auth: process.env.JOBS_KEY })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  try {
    const { name } = await client.whoAmI({ deadlineMs: 5_000 })
    // All jobs of this submitter, those of its other programs as well.
    const listening = client.$on('finished', { submitter: name }, ({ id, worker, outcome }) =>
      console.log(`event: ${worker} ended job ${id}: ${outcome.kind}`),
    )
    await listening.subscribed
    const call = client.queue.run(
      { text, workMs: Number(workMs) },
      { deadlineMs: Number(deadlineMs), signal: stop.signal },
    )
    console.log('submitted')
    const { words, worker } = await call
    console.log(`${words} words, counted by ${worker}`)
  } finally {
    await client.$close()
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (isErrorOf(jobs.procedures.queue.run, error) && error.code === 'JOB_FAILED')
    console.error(`JOB_FAILED: ${error.data.worker} says: ${error.data.reason}`)
  else console.error(RpcError.is(error) ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
