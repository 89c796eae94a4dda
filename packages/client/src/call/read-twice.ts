import type { ProcedureEntry } from '@frameport/protocol/contract'
import { ClientError } from '../client-error.ts'

/** For a second loop over a stream that is over: it would see no items, as if there were none. */
export function readTwice({ fullName }: ProcedureEntry): ClientError {
  return new ClientError(
    'STREAM_READ_TWICE',
    `a stream of ${fullName} was read to its end, or left, and is read again`,
  )
}
