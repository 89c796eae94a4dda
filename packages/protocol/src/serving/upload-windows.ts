import type { Credit } from '../envelope/session-envelopes.ts'
import { defaultSessionLimits, type SessionLimits } from '../session/common/session-limits.ts'

/** How far callers may be ahead of the handlers that read their items. */
export interface UploadWindows {
  /** Once the handler reads. */
  readonly window: Credit
  /** What the items of that may grow to. */
  readonly itemsMax: number
  /** What an upload may begin with, as the session tells each caller. */
  readonly announced: Credit
}

/** Four times what an upload begins with: a handler that reads takes chunks of 64 KiB of a file as they come. */
const itemsAtFirst = 64

/** Limits of a side that is called. */
export interface UploadWindowLimits {
  readonly uploadWindowItems: number
  readonly uploadWindowBytes: number
}

/** The windows that the limits of a side and of its sessions say. */
export function uploadWindows(own: UploadWindowLimits, session: Partial<SessionLimits>): UploadWindows {
  const { uploadItems, uploadBytes } = { ...defaultSessionLimits, ...session }
  return {
    window: { items: Math.min(itemsAtFirst, own.uploadWindowItems), bytes: own.uploadWindowBytes },
    itemsMax: own.uploadWindowItems,
    announced: { items: uploadItems, bytes: uploadBytes },
  }
}
