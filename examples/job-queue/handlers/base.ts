import { RpcError } from '@frameport/protocol'
import { implement, type MiddlewareArgs } from '@frameport/server'
import { jobs, type Role } from '../contract.ts'
import type { JobContext } from '../principals.ts'

/** Lets only one role through. */
export const requireRole =
  (role: Role) =>
  ({ context, procedure, next }: MiddlewareArgs<JobContext>) => {
    if (context.principal.role !== role)
      throw new RpcError('PERMISSION_DENIED', `${procedure.path} is for the role '${role}' only.`)
    return next()
  }

/** What all handlers of the contract begin with: each call is timed, streams until their last item. */
export const impl = implement(jobs)
  .$context<JobContext>()
  .use(({ context, procedure, next }) => {
    const beganAtMs = performance.now()
    return next({
      onEnd({ outcome, items, error }) {
        const tookMs = Math.round(performance.now() - beganAtMs)
        const end = error === undefined ? outcome : `${outcome} (${error.code})`
        console.log(`${context.principal.name} ${procedure.path}: ${end}, ${items} items, ${tookMs} ms`)
      },
    })
  })
