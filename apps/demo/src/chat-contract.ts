import { contract, event, procedure } from '@frameport/protocol'
import { z } from 'zod'
import { inRoom, Name, NotInRoom, Room, refinedBy, TooFast } from './contract-parts.ts'
import { FileOffer, fileEvents, fileProcedures } from './file-contract.ts'
import { limits } from './limits.ts'
import { lineFault, nameFault, roomFault } from './text-rules.ts'

export const NameInput = z.string().normalize('NFKC').superRefine(refinedBy(nameFault))
export const RoomInput = z.string().normalize('NFKC').superRefine(refinedBy(roomFault))
export const LineInput = z.string().superRefine(refinedBy(lineFault))

export const Line = z.object({
  /** Grows by at least one per line, over all rooms. */
  id: z.int().nonnegative(),
  /** The server's clock, milliseconds since 1970. */
  atMs: z.number().nonnegative(),
  name: Name,
  text: z.string().max(2 * limits.lineCharactersMax),
})
export type Line = z.infer<typeof Line>

export const Presence = z.object({
  atMs: z.number().nonnegative(),
  name: Name,
  change: z.enum(['joined', 'left', 'quit', 'lost']),
})
export type Presence = z.infer<typeof Presence>

export const RoomState = z.object({
  /** As the first member wrote it. Its key (`nameKey`) is the topic of its events. */
  room: Room,
  name: Name,
  members: z.array(Name).max(limits.roomMembersMax),
  /** The newest line before this: lines after it arrive as events. */
  lastLineId: z.int().nonnegative(),
  /** Files that may be taken. Later ones arrive as events. */
  files: z.array(FileOffer).max(limits.roomFilesMax).default([]),
})
export type RoomState = z.infer<typeof RoomState>

export const chat = contract('chat', {
  version: 1,
  procedures: {
    rooms: {
      join: procedure({
        summary: 'Enters a room, and leaves the one before. The first one also takes the name.',
        input: z.object({ room: RoomInput, name: NameInput }),
        output: RoomState,
        errors: {
          NAME_TAKEN: z.object({ suggestion: Name, freeInMs: z.number().optional() }),
          NAME_FIXED: z.object({ name: Name }),
          ROOM_FULL: z.object({ membersMax: z.number() }),
          ROOMS_FULL: z.object({ roomsMax: z.number() }),
          TOO_FAST: TooFast,
        },
      }),
      history: procedure({
        summary: 'Returns the lines of the room from before the caller joined, oldest first.',
        input: z.object({ upToLineId: z.int().nonnegative() }),
        items: Line,
        errors: { NOT_IN_ROOM: NotInRoom },
      }),
      who: procedure({
        summary: 'Lists the members of the room.',
        output: z.object({ members: z.array(Name).max(limits.roomMembersMax) }),
        errors: { NOT_IN_ROOM: NotInRoom },
      }),
    },
    lines: {
      say: procedure({
        summary: 'Says a line to everybody in the room, the speaker included.',
        input: z.object({ text: LineInput }),
        output: z.object({ lineId: z.int().nonnegative() }),
        errors: { NOT_IN_ROOM: NotInRoom, TOO_FAST: TooFast },
      }),
      typing: procedure({
        summary: 'Tells the others that a line is being typed. Too many are dropped.',
        errors: { NOT_IN_ROOM: NotInRoom },
      }),
    },
    files: fileProcedures,
    quit: procedure({ summary: 'Says goodbye: the name is free at once.' }),
  },
  events: {
    line: event(Line, inRoom),
    presence: event(Presence, inRoom),
    typing: event(z.object({ name: Name }), inRoom),
    ...fileEvents,
  },
})
