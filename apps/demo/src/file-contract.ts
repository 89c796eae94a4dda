import { bytes, event, procedure } from '@frameport/protocol'
import * as z from 'zod'
import { byteSize } from './byte-sizes.ts'
import { inRoom, Name, NotInRoom, refinedBy, ServersApart, TooFast } from './contract-parts.ts'
import { fileNameFault } from './file-names.ts'
import { limits } from './limits.ts'

/** The SHA-256 follows the bytes of a file, so that the sender reads the file only once. */
export const sha256Bytes = 32

const FileNameInput = z.string().normalize('NFC').superRefine(refinedBy(fileNameFault))
const FileBytes = z
  .int()
  .nonnegative()
  .max(
    limits.fileBytesMax,
    `This file is too large for the chat: the limit is ${byteSize(limits.fileBytesMax)}.`,
  )
const FileNumber = z.int().positive()

export const FileOffer = z.object({
  /** The number for `/take`. Grows by one per offer, over all rooms. */
  file: FileNumber,
  name: z.string().max(limits.fileNameBytesMax),
  bytes: FileBytes,
  /** The member who offers it. */
  from: Name,
})
export type FileOffer = z.infer<typeof FileOffer>

/** Why an offer is over. `done`: all takers have sent their receipts. */
export const OfferEnd = z.enum([
  'done',
  'cancelled', // by its sender
  'lost', // the connection of its sender
  'left', // its sender went to another room, or said goodbye
  'expired', // nobody took it
  'abandoned', // all takers have stopped
  'stalled', // its sender sends nothing
  'broken', // the bytes do not match the offer
  'closing', // the server
])
export type OfferEnd = z.infer<typeof OfferEnd>

/** The result of a transfer for one taker. */
export const TakerEnd = z.enum([
  'saved',
  'wrong', // the checksum; it was thrown away
  'failed', // to be saved
  'left', // before its end
  'slow', // and was left out
  'silent', // has it, and did not confirm that it is saved
])
export type TakerEnd = z.infer<typeof TakerEnd>

/** News for the sender of a file about its offer. */
export const OfferNews = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offered'), file: FileNumber }),
  z.object({ kind: z.literal('taken'), name: Name }),
  z.object({ kind: z.literal('declined'), name: Name }),
  z.object({ kind: z.literal('begun'), takers: z.array(Name).max(limits.roomMembersMax) }),
  // The transfer waits for these takers. `goesOn` follows when it continues, with or without them.
  z.object({ kind: z.literal('stands'), takers: z.array(Name).max(limits.roomMembersMax) }),
  z.object({ kind: z.literal('goesOn') }),
  z.object({ kind: z.literal('ended'), name: Name, end: TakerEnd }),
])
export type OfferNews = z.infer<typeof OfferNews>

/** The report of a taker about a file that has arrived or cannot be saved. */
export const Receipt = z.object({ end: z.enum(['saved', 'wrong', 'failed']) })
export type Receipt = z.infer<typeof Receipt>

/** An offer that can no longer be taken: its transfer has started, or the offer is over. */
export const ClosedOffer = z.object({ file: FileNumber, why: OfferEnd.or(z.literal('begun')) })
export type ClosedOffer = z.infer<typeof ClosedOffer>

const NoSuchFile = z.object({})
const FilesFull = z.object({ of: z.enum(['member', 'room', 'server']), filesMax: z.number() })
const refusals = { NOT_IN_ROOM: NotInRoom, TOO_FAST: TooFast }

/** Why a file of any server of the chat cannot be taken, or does not arrive completely. */
export const takingErrors = {
  NO_SUCH_FILE: NoSuchFile,
  HAS_BEGUN: z.object({}),
  OWN_FILE: z.object({}),
  TAKEN_ALREADY: z.object({}),
  OFFER_ENDED: z.object({ why: OfferEnd }),
  TOO_SLOW: z.object({ stallMs: z.number() }),
}

export const fileProcedures = {
  offer: procedure({
    summary: 'Offers a file to the room, and sends it and its SHA-256 to the members who take it.',
    input: z.object({ name: FileNameInput, bytes: FileBytes }),
    upload: bytes(),
    items: OfferNews,
    errors: {
      ...refusals,
      FILES_FULL: FilesFull,
      SERVERS_APART: ServersApart,
      OFFER_ENDED: z.object({ why: OfferEnd }),
    },
  }),
  take: procedure({
    summary:
      'Takes a file: its bytes and their SHA-256, as fast as they are read. One receipt reports the result.',
    input: z.object({ file: FileNumber }),
    upload: Receipt,
    items: bytes(),
    errors: { ...refusals, FILES_FULL: FilesFull, SERVERS_APART: ServersApart, ...takingErrors },
  }),
  decline: procedure({
    summary: 'Declines a file, so that the others do not wait for the caller.',
    input: z.object({ file: FileNumber }),
    errors: { ...refusals, NO_SUCH_FILE: NoSuchFile },
  }),
  list: procedure({
    summary: 'Lists the files of the room that can be taken.',
    output: z.object({ files: z.array(FileOffer).max(limits.roomFilesMax) }),
    errors: { NOT_IN_ROOM: NotInRoom },
  }),
}

export const fileEvents = {
  offer: event(FileOffer, inRoom),
  offerClosed: event(ClosedOffer, inRoom),
}
