import type { BackendNote } from './contract/backend-note.ts'
import { IocpError } from './iocp-error.ts'

/** The error for a back end that was asked for by name and does not work here. */
export function unavailable({ backend, reason, fix, systemCode }: BackendNote): IocpError {
  return new IocpError('BACKEND_UNAVAILABLE', {
    detail: `${backend}: ${reason ?? 'no reason is known'}`,
    ...(fix === undefined ? {} : { fix }),
    ...(systemCode === undefined ? {} : { systemCode }),
  })
}
