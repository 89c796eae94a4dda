import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { ProtocolError } from '../protocol-error.ts'

/**
 * The error for a second loop over a stream that has ended. Without it the loop would see no items, as if there were
 * none.
 */
export function readTwice({ fullName }: ProcedureEntry): ProtocolError {
  return new ProtocolError(
    'STREAM_READ_TWICE',
    `a stream of ${fullName} was read before: it gives its items once, and leaving a loop ends it. ` +
      'Call the procedure again, or keep the items of the first loop in an array.',
  )
}
