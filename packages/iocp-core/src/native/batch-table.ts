/**
 * The memory that the addon shares with JavaScript, in words of 32 bits: the layout of native/engine/batch_table.h.
 * test/native/batch-table.test.ts compares the two files.
 */

/** The words of a record. Where two names share a word, the kind of the record decides which one it is. */
export const recordWord = {
  kind: 0,
  slot: 1,
  generation: 2,
  status: 3,
  offset: 4,
  listenerSlot: 4,
  length: 5,
  acceptingEnded: 5,
  queuedLow: 6,
  queuedHigh: 7,
} as const
export const recordWords = 8

/** The kinds of a record. batch_table.h defines the words of each kind. */
export const recordKind = {
  received: 1,
  receiveEnd: 2,
  sendProgress: 3,
  closed: 4,
  connected: 5,
  connectFailed: 6,
  accepted: 7,
  acceptFailed: 8,
  listenerClosed: 9,
} as const

/** The words of an entry of the send arena. JavaScript writes the first three; the others are the answer. */
export const entryWord = {
  slot: 0,
  generation: 1,
  length: 2,
  status: 3,
  queuedLow: 4,
  queuedHigh: 5,
} as const
/** Two more words belong to the addon. */
export const entryWords = 8

/** The live counts. */
export const counterIndex = {
  listeners: 0,
  connections: 1,
  operationsInFlight: 2,
  buffersInUse: 3,
  handles: 4,
} as const
