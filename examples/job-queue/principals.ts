import { createHash } from 'node:crypto'
import { RpcError } from '@frameport/protocol'
import type { Hello } from '@frameport/server'
import type { Role } from './contract.ts'

/** Who is at the other end of a connection. */
export interface Principal {
  readonly name: string
  readonly role: Role
}

/** The context of each connection. */
export interface JobContext {
  readonly principal: Principal
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('hex')

/**
 * Keys and those who have them. A real server reads the digests from where it keeps its secrets. Only digests are
 * compared, so the time that a look takes says nothing about a key.
 */
const principals = new Map<string, Principal>([
  [digestOf('key-of-ada'), { name: 'ada', role: 'submitter' }],
  [digestOf('key-of-worker-1'), { name: 'worker-1', role: 'worker' }],
  [digestOf('key-of-worker-2'), { name: 'worker-2', role: 'worker' }],
  [digestOf('key-of-grace'), { name: 'grace', role: 'admin' }],
])

/** Runs once for each connection. What it throws refuses the client, on its `opened()` and on its calls. */
export function contextOf({ hello }: { readonly hello: Hello }): JobContext {
  // Whatever the client sent: nothing of it has been checked yet.
  const principal = typeof hello.auth === 'string' ? principals.get(digestOf(hello.auth)) : undefined
  if (principal === undefined) throw new RpcError('UNAUTHENTICATED', 'Nobody has this key. Set JOBS_KEY.')
  return { principal }
}
