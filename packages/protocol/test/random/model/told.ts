import type { CallRecord } from './call-record.ts'

/** A call as the detail of a violation names it. */
export function told(call: CallRecord): string {
  return `call ${call.tag} (id ${call.id}) of the ${call.caller}`
}
