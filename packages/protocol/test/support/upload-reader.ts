import type { IncomingCall } from '../../src/session/index.ts'
import type { Recorder } from './sessions.ts'

/** Records what a callee reads of an upload. */
export class Reader {
  readonly seen: unknown[] = []
  call!: IncomingCall

  constructor(recorder: Recorder, { isLong = false, receives = true } = {}) {
    recorder.onCall = (call) => {
      this.call = call
      if (!receives) return
      call.upload?.receive({
        item: (body) => this.seen.push(body.kind === 'value' ? body.value : body),
        ...(isLong ? { longItem: (read) => this.seen.push(read) } : {}),
        end: () => this.seen.push('end'),
      })
    }
  }
}
