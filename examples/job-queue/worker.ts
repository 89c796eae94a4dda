// JOBS_KEY=key-of-worker-1 node --import tsx worker.ts URL
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, isErrorOf, safe } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { type Job, jobs, type Outcome } from './contract.ts'

/** The work itself. It follows its signal, as everything that takes long has to. */
async function countWords({ text, workMs }: Job, signal: AbortSignal): Promise<number> {
  await sleep(workMs, undefined, { signal })
  if (text.trim() === '') throw new Error('there are no words')
  return text.trim().split(/\s+/).length
}

/** Undefined when the job was cancelled: nobody wants its outcome. */
async function work(job: Job, signal: AbortSignal): Promise<Outcome | undefined> {
  try {
    return { kind: 'done', words: await countWords(job, signal) }
  } catch (error) {
    if (signal.aborted) return undefined
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

async function main(url: string, key: string | undefined): Promise<void> {
  const client = createClient(jobs, url, { auth: key })
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  let current: { readonly id: string; readonly cancel: AbortController } | undefined
  try {
    const { name } = await client.whoAmI({ deadlineMs: 5_000 })
    const listening = client.$on('cancelled', { worker: name }, ({ id, reason }) => {
      // Of a job that has not come here yet, or is finished: `finish` is refused, and that is all.
      if (current?.id === id) current.cancel.abort(new Error(reason))
    })
    await listening.subscribed
    // One at a time: the server gives out the next job when this loop comes back for it.
    const taken = client.work.take({ signal: stop.signal, windowItems: 1 })
    await taken.started()
    console.log(`${name} waits for jobs`)
    for await (const job of taken) {
      console.log(`job ${job.id} of ${job.submitter}`)
      current = { id: job.id, cancel: new AbortController() }
      const signal = AbortSignal.any([stop.signal, current.cancel.signal])
      const outcome = await work(job, signal)
      if (outcome === undefined) {
        console.log(`job ${job.id} was given up: ${(signal.reason as Error).message}`)
        continue
      }
      const finished = await safe(client.work.finish({ id: job.id, outcome }, { deadlineMs: 5_000 }))
      if (finished.ok) console.log(`job ${job.id}: ${outcome.kind}`)
      else if (finished.error.code === 'NOT_YOURS') console.log(`job ${job.id} was taken away`)
      else throw finished.error
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    // The stream ended as it was told to. The server gives a job that was under way to another worker.
    if (!isErrorOf(jobs.procedures.work.take, error) || error.code !== 'CANCELLED') throw error
  } finally {
    await client.$close()
  }
  console.log('stopped')
}

try {
  await main(process.argv[2] ?? 'tcp://127.0.0.1:5601', process.env.JOBS_KEY)
} catch (error) {
  console.error(RpcError.is(error) ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
