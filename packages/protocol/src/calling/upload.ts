import { callReporting, isBytes } from '@frameport/framing/checks'
import { describeValue } from '../checks/check-value.ts'
import { isThenable } from '../checks/is-thenable.ts'
import { textOfThrown } from '../checks/thrown.ts'
import type { ProcedureEntry } from '../contract/bind-procedures.ts'
import { bodyKindOf } from '../contract/parse-with.ts'
import { toBody } from '../contract/to-body.ts'
import { errorWithoutStack } from '../error-without-stack.ts'
import { RpcError } from '../rpc-error.ts'
import type { OutgoingCall, OutgoingUpload } from '../session/common/call-types.ts'
import type { Session } from '../session/common/session-types.ts'
import type { CallServices } from './call-services.ts'
import type { UploadProgress } from './call-types.ts'
import type { InterceptedCall } from './interceptor.ts'
import { canBeReadAgain, openSource, type SourceReader, type SourceResult } from './upload-source.ts'

/**
 * The maximum item size of raw bytes: the size in which a file or a Blob is read. The limits of the peer may lower it.
 */
const rawItemBytesMax = 64 * 1024

type UploadServices = Pick<CallServices, 'hookFailed'>

/** The items that one call sends. They are read as the callee grants credit, and the source is always ended once. */
export class Upload {
  readonly #entry: ProcedureEntry
  readonly #intercepted: InterceptedCall
  readonly #services: UploadServices
  readonly #isRaw: boolean
  #controller: AbortController | undefined
  #reader: SourceReader | undefined
  #isOver = false
  /** Whether an item was requested from the source. */
  #isRead = false
  #items = 0
  #bytes = 0

  /**
   * @throws RpcError INVALID_ARGUMENT for a source that cannot be read, ABORTED for one that throws when it is opened
   */
  constructor(entry: ProcedureEntry, intercepted: InterceptedCall, services: UploadServices) {
    this.#entry = entry
    this.#intercepted = intercepted
    this.#services = services
    this.#isRaw = bodyKindOf(entry.procedure.upload) === 'raw'
    const options = () => {
      this.#controller = new AbortController()
      return { signal: this.#controller.signal }
    }
    try {
      this.#reader = openSource(intercepted.upload, this.#isRaw, options)
    } catch (error) {
      this.end() // Resources that a function has opened are freed by its signal.
      throw RpcError.is(error) ? error : sourceFailed(error)
    }
  }

  /** The call was made on `session`: sends its items. */
  start(call: OutgoingCall, session: Session): void {
    const { upload } = call
    if (upload === undefined) return
    this.#send(upload, session).catch((error: unknown) => {
      this.end()
      call.cancel(RpcError.is(error) ? error : sourceFailed(error))
    })
  }

  /** Whether a failed call can be repeated with all of its items. */
  get canGoAgain(): boolean {
    return this.#isUnread || canBeReadAgain(this.#intercepted.upload)
  }

  get #isUnread(): boolean {
    return !this.#isRead && !this.#isOver
  }

  /**
   * Returns the upload for a repeated call, from the first item on. This one is no longer used, unless it is given
   * back.
   *
   * @throws RpcError as the constructor
   */
  again(): Upload {
    if (this.#isUnread) return this
    this.end()
    return new Upload(this.#entry, this.#intercepted, this.#services)
  }

  /** The callee accepts no more items, or the call has settled. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#controller?.abort(errorWithoutStack('CANCELLED', 'the upload is not read any more'))
    this.#reader?.end()
    this.#reader = undefined
  }

  async #send(upload: OutgoingUpload, session: Session): Promise<void> {
    for (;;) {
      if (!upload.canSend && !(await upload.ready())) return
      let result: SourceResult | undefined
      try {
        this.#isRead = true
        const read = this.#reader?.next()
        result = isThenable(read) ? await read : read
        if (this.#isOver) return
        if (typeof result !== 'object' || result === null)
          throw new TypeError(`next() of the source returned ${describeValue(result)}, not { done, value }`)
      } catch (cause) {
        throw sourceFailed(cause)
      }
      if (result.done === true) break
      for (const item of this.#itemsOf(result.value, session)) {
        if (!upload.canSend && !(await upload.ready())) return
        this.#sendItem(upload, item)
        this.#sent(item)
      }
    }
    // The source has ended.
    this.#reader = undefined
    upload.end()
  }

  /** A long chunk of bytes becomes several items, and an empty one becomes none. */
  *#itemsOf(chunk: unknown, session: Session): Iterable<unknown> {
    if (!this.#isRaw || !isBytes(chunk)) {
      yield chunk
      return
    }
    const { bodyBytesMax = rawItemBytesMax } = session.peer?.settings ?? {}
    const itemBytesMax = Math.min(rawItemBytesMax, bodyBytesMax)
    for (let at = 0; at < chunk.length; at += itemBytesMax) yield chunk.subarray(at, at + itemBytesMax)
  }

  #sendItem(upload: OutgoingUpload, item: unknown): void {
    try {
      upload.send(toBody(this.#entry.procedure.upload, item))
    } catch (error) {
      const text = `item ${this.#items} of the upload of ${this.#entry.fullName} cannot be sent: ${textOfThrown(error)}`
      // If the session refuses the item, its error has the code, and the cause gives the reason.
      const { code, cause } = RpcError.is(error) ? error : { code: 'INVALID_ARGUMENT', cause: error }
      throw errorWithoutStack(code, text, { cause })
    }
  }

  #sent(item: unknown): void {
    this.#items += 1
    if (this.#isRaw) this.#bytes += (item as Uint8Array).length
    const { onProgress } = this.#intercepted
    if (onProgress === undefined) return
    const progress: UploadProgress = { items: this.#items, bytes: this.#bytes }
    callReporting(() => onProgress(progress), this.#services.hookFailed)
  }
}

/** Wraps an error of the source, even an RpcError, because its code would look like one of the callee. */
function sourceFailed(cause: unknown): RpcError {
  return errorWithoutStack('ABORTED', 'the source of the upload failed, so the caller cancelled the call', {
    cause,
  })
}

/**
 * Returns the upload of a call; undefined if the call sends no items.
 *
 * @throws RpcError INVALID_ARGUMENT
 */
export function uploadOf(
  services: UploadServices,
  entry: ProcedureEntry,
  call: InterceptedCall,
): Upload | undefined {
  return entry.procedure.upload === undefined ? undefined : new Upload(entry, call, services)
}
