import type { Credit } from '../envelope/session-envelopes.ts'
import { defaultSessionLimits, type SessionLimits } from '../session/common/session-limits.ts'

/** How far callers may be ahead of the handlers that read their items. */
export interface UploadWindows {
  /** The window once the handler reads. */
  readonly window: Credit
  /** The items to which that window may grow. */
  readonly itemsMax: number
  /** What an upload may send before it gets credit, as the session announces it. */
  readonly announced: Credit
}

/**
 * Four times the initial credit of an upload: a handler that reads accepts chunks of 64 KiB of a file as they arrive.
 */
const itemsAtFirst = 64

/** The limits of a side for uploads. */
export interface UploadWindowLimits {
  /** The most items that a caller may be ahead of the handler. */
  readonly uploadWindowItems: number
  /** The most bytes that a caller may be ahead of the handler. */
  readonly uploadWindowBytes: number
}

/** Returns the windows that result from the limits of a side and of its sessions. */
export function uploadWindows(own: UploadWindowLimits, session: Partial<SessionLimits>): UploadWindows {
  const { uploadItems, uploadBytes } = { ...defaultSessionLimits, ...session }
  return {
    window: { items: Math.min(itemsAtFirst, own.uploadWindowItems), bytes: own.uploadWindowBytes },
    itemsMax: own.uploadWindowItems,
    announced: { items: uploadItems, bytes: uploadBytes },
  }
}
