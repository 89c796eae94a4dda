import * as z from 'zod'
import { Name, Room } from '../../contract-parts.ts'
import { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'

const Identity = z.string().min(1).max(64)
const Server = z.string().min(1).max(64)
/** The server that made the change, and the time on its clock. */
const made = { from: Server, atMs: z.number().nonnegative() }

/** One session of a person. Its server assigns the number. */
export const SessionKey = z.object({ server: Server, number: z.int().positive() })
export type SessionKey = z.infer<typeof SessionKey>

const ClosedWhy = ClosedOffer.shape.why
const Count = z.int().nonnegative()
const FileHead = FileOffer.pick({ name: true, bytes: true })
/**
 * The number of the change in the log by which a file was offered. It is unique, even if a server has missed changes.
 */
const OfferNumber = z.int().nonnegative()

/**
 * A change of the members or of the offered files. All servers of a chat apply the same changes in the same order, so
 * they agree on the owner of a name and on the members of a room. `atMs` is the clock of the server that made the
 * change. A server never uses its own clock to apply a change.
 */
export const RosterChange = z.discriminatedUnion('kind', [
  /** A person asks to enter this room under this name. */
  z.object({
    kind: z.literal('join'),
    ...made,
    by: Identity,
    session: SessionKey,
    name: Name,
    room: Room,
    /**
     * The largest number of people that its server allows in a room. All servers use this number for this change, even
     * if their own differs.
     */
    membersMax: z.int().positive().default(limits.roomMembersMax),
  }),
  /** The connection of a member is lost, or is back. */
  z.object({ kind: z.literal('away'), ...made, by: Identity, session: SessionKey, isAway: z.boolean() }),
  /** A member left, or was lost. The name of a lost member stays reserved for `heldMs`. */
  z.object({
    kind: z.literal('leave'),
    ...made,
    by: Identity,
    session: SessionKey,
    why: z.enum(['quit', 'lost']),
    heldMs: z.int().nonnegative(),
  }),
  /** A server starts and knows no members. The other servers answer with a list of theirs. */
  z.object({ kind: z.literal('up'), ...made }),
  /**
   * A server has been silent for too long, or has ended. Its members are away until they come back through another
   * server.
   */
  z.object({ kind: z.literal('down'), ...made, server: Server }),
  /** The remaining members of this server did not come back in time, and are removed. */
  z.object({ kind: z.literal('forget'), ...made, server: Server }),
  /**
   * A member offers a file to the room. The server counts `ask`, and waits for the outcome under this number.
   * `filesBefore` is the number of files offered so far, as known to this server.
   */
  z.object({
    kind: z.literal('offer'),
    ...made,
    by: Identity,
    session: SessionKey,
    ask: z.int().positive(),
    filesBefore: Count,
    head: FileHead,
  }),
  /** The file can no longer be taken. */
  z.object({ kind: z.literal('offerClosed'), ...made, offer: OfferNumber, why: ClosedWhy }),
  /**
   * The list that a server sends to servers that do not know its state: all its members in rooms, and all its files
   * that can be taken, as of this position in the log.
   */
  z.object({
    kind: z.literal('with'),
    ...made,
    asOf: z.int().nonnegative(),
    members: z.array(
      z.object({ by: Identity, session: SessionKey, name: Name, room: Room, isAway: z.boolean() }),
    ),
    filesBefore: Count.default(0),
    offers: z
      .array(z.object({ offer: OfferNumber, by: Identity, file: z.int().positive(), head: FileHead }))
      .max(limits.filesMax)
      .default([]),
  }),
])
export type RosterChange = z.infer<typeof RosterChange>
export type JoinChange = Extract<RosterChange, { kind: 'join' }>
export type OfferChange = Extract<RosterChange, { kind: 'offer' }>
export type WithChange = Extract<RosterChange, { kind: 'with' }>
