import type { EventSender } from './event-sender.ts'

/** The part of an event sender that a session uses. */
export type EventSending = Pick<
  EventSender,
  | 'bytesWaiting'
  | 'isWaiting'
  | 'emit'
  | 'emitIfRoom'
  | 'leaveOut'
  | 'sendGap'
  | 'drained'
  | 'sent'
  | 'drainedOnce'
  | 'open'
  | 'detached'
  | 'resumed'
  | 'close'
>

/**
 * Replaces an {@link EventSender} in a session that sends no events: it behaves like one whose session has not begun.
 */
export const noEventSender: EventSending = {
  bytesWaiting: 0,
  isWaiting: false,
  emit: () => 'closed',
  emitIfRoom: () => 'closed',
  leaveOut() {},
  sendGap() {},
  drained() {},
  sent: () => Promise.resolve(false),
  drainedOnce: () => Promise.resolve(false),
  open() {},
  detached() {},
  resumed() {},
  close() {},
}
