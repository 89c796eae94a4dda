import { RpcError } from '@frameport/protocol'
import type { JobQueue } from '../job-queue.ts'
import { impl, requireRole } from './base.ts'
import { cancelJob } from './queue.ts'

export const adminHandlers = (queue: JobQueue) =>
  impl
    .at('admin')
    .use(requireRole('admin'))
    .handlers({
      stats: () => queue.stats,
      cancel: ({ input, context, publish }) => ({
        // The submitter is told this: its `run` fails with what the job was cancelled with.
        wasThere: cancelJob(
          queue,
          publish,
          input.id,
          new RpcError('ABORTED', `${context.principal.name} cancelled the job.`),
        ),
      }),
    })
