import type { CallRecord } from './call-record.ts'

/** The name of a call in the detail of a violation. */
export function told(call: CallRecord): string {
  return `call ${call.tag} (id ${call.id}) of the ${call.caller}`
}
