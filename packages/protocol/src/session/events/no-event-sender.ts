import type { EventSender } from './event-sender.ts'

/** What a session needs of what sends its events. */
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

/** In the place of an {@link EventSender}, for a session that sends no events: as one whose session has not begun. */
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
