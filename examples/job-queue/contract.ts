import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'

const Id = z.string()
const Name = z.string()
const Work = z.object({
  text: z.string().max(10_000),
  /** How long the work takes; it stands for something that really does. */
  workMs: z.number().int().min(0).max(3_600_000).default(0),
})

export const Job = Work.extend({ id: Id, submitter: Name })
export type Job = z.output<typeof Job>

export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), words: z.number().int() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
])
export type Outcome = z.output<typeof Outcome>

export const Role = z.enum(['submitter', 'worker', 'admin'])
export type Role = z.output<typeof Role>

export const jobs = contract('jobs', {
  version: 1,
  procedures: {
    whoAmI: procedure({ output: z.object({ name: Name, role: Role }) }),
    /** For everybody who has credentials. */
    queue: {
      /** Answers when a worker has finished the job. Who gives up, or runs out of time, cancels it. */
      run: procedure({
        input: Work,
        output: z.object({ id: Id, words: z.number().int(), worker: Name }),
        errors: {
          JOB_FAILED: z.object({ id: Id, worker: Name, reason: z.string() }),
          QUEUE_FULL: z.object({ waiting: z.number().int() }),
        },
      }),
    },
    /** For workers. */
    work: {
      /** Read it with `windowItems: 1`, and a worker owns one job at a time. */
      take: procedure({ items: Job }),
      finish: procedure({
        input: z.object({ id: Id, outcome: Outcome }),
        // It was cancelled, or given to another worker.
        errors: { NOT_YOURS: z.object({ id: Id }) },
      }),
    },
    /** For administrators. */
    admin: {
      stats: procedure({
        output: z.object({
          waiting: z.number().int(),
          running: z.number().int(),
          finished: z.number().int(),
        }),
      }),
      cancel: procedure({ input: z.object({ id: Id }), output: z.object({ wasThere: z.boolean() }) }),
    },
  },
  events: {
    /** Told to the submitter of the job. */
    finished: event(z.object({ id: Id, worker: Name, outcome: Outcome }), {
      topic: z.object({ submitter: Name }),
      subscribe: 'clients',
    }),
    /** Told to the worker that has the job: it need not go on. */
    cancelled: event(z.object({ id: Id, reason: z.string() }), {
      topic: z.object({ worker: Name }),
      subscribe: 'clients',
    }),
  },
})
