import * as z from 'zod'
import { Name, Room } from '../../contract-parts.ts'

const Identity = z.string().min(1).max(64)
const Server = z.string().min(1).max(64)
/** Which server has made the change, and when on its clock. */
const made = { from: Server, atMs: z.number().nonnegative() }

/** One session of a person: the number is counted by its server. */
export const SessionKey = z.object({ server: Server, number: z.int().positive() })
export type SessionKey = z.infer<typeof SessionKey>

/**
 * A change of who is where. All servers of a chat apply the same changes in the same order, so that they agree on who got a name, and on who fits into a room. `atMs` is the clock of the server
 * that made the change: nobody's own clock decides when a change is applied.
 */
export const RosterChange = z.discriminatedUnion('kind', [
  /** Somebody wants to be in this room under this name. */
  z.object({ kind: z.literal('join'), ...made, by: Identity, session: SessionKey, name: Name, room: Room }),
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
  /** What a server says to those that do not know it: these are in a room with me, and nobody else was when I had read the log up to this number. */
  z.object({
    kind: z.literal('with'),
    ...made,
    asOf: z.int().nonnegative(),
    members: z.array(
      z.object({ by: Identity, session: SessionKey, name: Name, room: Room, isAway: z.boolean() }),
    ),
  }),
])
export type RosterChange = z.infer<typeof RosterChange>
export type JoinChange = Extract<RosterChange, { kind: 'join' }>
