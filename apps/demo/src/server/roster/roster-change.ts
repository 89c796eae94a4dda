import * as z from 'zod'
import { Name, Room } from '../../contract-parts.ts'
import { ClosedOffer, FileOffer } from '../../file-contract.ts'
import { limits } from '../../limits.ts'

const Identity = z.string().min(1).max(64)
const Server = z.string().min(1).max(64)
/** Which server has made the change, and when on its clock. */
const made = { from: Server, atMs: z.number().nonnegative() }

/** One session of a person: the number is counted by its server. */
export const SessionKey = z.object({ server: Server, number: z.int().positive() })
export type SessionKey = z.infer<typeof SessionKey>

const ClosedWhy = ClosedOffer.shape.why
const Count = z.int().nonnegative()
const FileHead = FileOffer.pick({ name: true, bytes: true })
/** The number of the change in the log by which a file was offered: no two offers have the same, whatever a server has missed. */
const OfferNumber = z.int().nonnegative()

/**
 * A change of who is where, and of which files they offer. All servers of a chat apply the same changes in the same order, so that they agree on who got a name, and on who fits into a room. `atMs` is the clock of the server
 * that made the change: nobody's own clock decides when a change is applied.
 */
export const RosterChange = z.discriminatedUnion('kind', [
  /** Somebody wants to be in this room under this name. */
  z.object({
    kind: z.literal('join'),
    ...made,
    by: Identity,
    session: SessionKey,
    name: Name,
    room: Room,
    /** How many people its server lets into a room: it counts for this change on all servers, whatever theirs is. */
    membersMax: z.int().positive().default(limits.roomMembersMax),
  }),
  /** Somebody's connection is lost, or is back. */
  z.object({ kind: z.literal('away'), ...made, by: Identity, session: SessionKey, isAway: z.boolean() }),
  /** Somebody has said goodbye, or was lost: then the name is held. */
  z.object({
    kind: z.literal('leave'),
    ...made,
    by: Identity,
    session: SessionKey,
    why: z.enum(['quit', 'lost']),
    heldMs: z.int().nonnegative(),
  }),
  /** A server begins, and knows nobody: the others say who is with them. */
  z.object({ kind: z.literal('up'), ...made }),
  /** A server was not heard of for too long, or has ended. Its people are away until they come back elsewhere. */
  z.object({ kind: z.literal('down'), ...made, server: Server }),
  /** Nobody of this server came back elsewhere in time: those who are left are gone. */
  z.object({ kind: z.literal('forget'), ...made, server: Server }),
  /** Somebody offers a file to the room. `ask` is counted by the server, which waits for what comes of it; `filesBefore` is how many files were offered as far as it knows. */
  z.object({
    kind: z.literal('offer'),
    ...made,
    by: Identity,
    session: SessionKey,
    ask: z.int().positive(),
    filesBefore: Count,
    head: FileHead,
  }),
  /** The file cannot be taken any more. */
  z.object({ kind: z.literal('offerClosed'), ...made, offer: OfferNumber, why: ClosedWhy }),
  /**
   * What a server says to those that do not know it: these are in a room with me, and these files can be taken, and nobody else and no other was when I had read the
   * log up to this number.
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
