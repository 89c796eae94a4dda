import type { JobQueue } from '../job-queue.ts'
import { impl, requireRole } from './base.ts'

export const workHandlers = (queue: JobQueue) =>
  impl
    .at('work')
    .use(requireRole('worker'))
    .handlers({
      async *take({ context, signal }) {
        const taken = new Set<string>()
        try {
          for (;;) {
            const job = await queue.take(context.principal.name, signal)
            taken.add(job.id)
            yield job
          }
        } finally {
          // The worker stopped or its connection is gone: what it has not finished, others do.
          for (const id of taken) queue.giveBack(id)
        }
      },

      finish({ input, context, errors }) {
        if (!queue.finish(input.id, context.principal.name, input.outcome))
          throw errors.NOT_YOURS(
            { id: input.id },
            `Job ${input.id} was cancelled, or given to another worker.`,
          )
      },
    })
