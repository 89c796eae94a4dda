import type { Server } from '@frameport/server'
import { jobs } from '../contract.ts'
import type { JobQueue } from '../job-queue.ts'
import { impl } from './base.ts'

const waitingMax = 10_000

/** Cancels a job, and tells the worker that has it. False when there is no such job any more. */
export function cancelJob(queue: JobQueue, publish: Server['publish'], id: string, reason: Error): boolean {
  const cancelled = queue.cancel(id, reason)
  if (cancelled?.worker !== undefined)
    publish(jobs.events.cancelled, { worker: cancelled.worker }, { id, reason: reason.message })
  return cancelled !== undefined
}

export const queueHandlers = (queue: JobQueue) =>
  impl.at('queue', {
    async run({ input, context, signal, errors, publish }) {
      const { waiting } = queue.stats
      if (waiting >= waitingMax) throw errors.QUEUE_FULL({ waiting })
      const submitter = context.principal.name
      const { job, finished } = queue.submit({ ...input, submitter })

      // Aborted when the client cancels, when its deadline passes and when its connection is gone: in each case nobody
      // waits for the job any more.
      const abort = () => cancelJob(queue, publish, job.id, signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      try {
        const { worker, outcome } = await finished
        publish(jobs.events.finished, { submitter }, { id: job.id, worker, outcome })
        if (outcome.kind === 'failed')
          throw errors.JOB_FAILED({ id: job.id, worker, reason: outcome.reason }, outcome.reason)
        return { id: job.id, words: outcome.words, worker }
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
  })
