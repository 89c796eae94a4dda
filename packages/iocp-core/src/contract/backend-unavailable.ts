import { IocpError } from '../iocp-error.ts'
import type { BackendNote } from './backend-note.ts'

/** The error for a back end that does not work here, with every known detail of the reason. */
export class BackendUnavailable extends IocpError {
  readonly note: BackendNote

  constructor(note: BackendNote) {
    const { backend, reason, fix, systemCode } = note
    super('BACKEND_UNAVAILABLE', {
      detail: `${backend}: ${reason ?? 'no reason is known'}`,
      ...(fix === undefined ? {} : { fix }),
      ...(systemCode === undefined ? {} : { systemCode }),
    })
    this.note = note
  }
}
