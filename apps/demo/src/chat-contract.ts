import { contract, event, procedure } from '@frameport/protocol'
import * as z from 'zod'
import { inRoom, Name, NotInRoom, Room, refinedBy, ServersApart, TooFast } from './contract-parts.ts'
import { figuresProcedures } from './figures-contract.ts'
import { FileOffer, fileEvents, fileProcedures } from './file-contract.ts'
import { limits } from './limits.ts'
import { lineFault, nameFault, roomFault } from './text-rules.ts'

const NameInput = z.string().normalize('NFKC').superRefine(refinedBy(nameFault))
const RoomInput = z.string().normalize('NFKC').superRefine(refinedBy(roomFault))
const LineInput = z.string().superRefine(refinedBy(lineFault))

const LineNumber = z.int().nonnegative()
/** The id of a log, in hexadecimal digits. Empty: it is not known. */
const LogId = z.string().regex(/^(?:[0-9a-f]{2}){0,32}$/)

export const Line = z.object({
  /** The server's clock, milliseconds since 1970. */
  atMs: z.number().nonnegative(),
  name: Name,
  text: z.string().max(2 * limits.lineCharactersMax),
})
export type Line = z.infer<typeof Line>

/**
 * The place of a line in its log. The number is the id of the line. It grows with each line of a room, on any server.
 * Numbers of different logs cannot be compared.
 */
export const LinePlace = z.object({ log: LogId, number: LineNumber })
export type LinePlace = z.infer<typeof LinePlace>

/** A part of the history of a room. */
export const HistoryPage = z.object({
  /** The log that the numbers belong to. */
  log: LogId,
  /** Oldest first. */
  lines: z.array(z.object({ number: LineNumber, line: Line })).max(limits.historyLinesMax),
  /** Whether the log has no earlier lines of the room. */
  isStart: z.boolean(),
})
export type HistoryPage = z.infer<typeof HistoryPage>

export const Presence = z.object({
  atMs: z.number().nonnegative(),
  name: Name,
  /** `away`: the connection is lost, and the member may come `back`. `lost`: it did not. */
  change: z.enum(['joined', 'left', 'quit', 'lost', 'away', 'back']),
})
export type Presence = z.infer<typeof Presence>

/** Members whose connection is lost. */
const Away = z.array(Name).max(limits.roomMembersMax).default([])
const Id = z.string().max(64).default('')

export const RoomState = z.object({
  /** As the first member wrote it. Its key (`nameKey`) is the topic of its events. */
  room: Room,
  name: Name,
  /** Includes members who are away. */
  members: z.array(Name).max(limits.roomMembersMax),
  away: Away,
  /** The server's clock: lines of the history that are newer were said after the caller joined. */
  atMs: z.number().nonnegative().optional(),
  /** Different for each server, and new after each start. */
  serverId: Id,
  /** Whether the chat has other servers, to which its clients can go when this one ends. */
  hasOthers: z.boolean().default(false),
  /** Files that can be taken. Later ones arrive as events. */
  files: z.array(FileOffer).max(limits.roomFilesMax).default([]),
})
export type RoomState = z.infer<typeof RoomState>

export const chat = contract('chat', {
  version: 1,
  procedures: {
    rooms: {
      join: procedure({
        summary:
          'Enters a room, and leaves the previous one. The first call also takes the name. A client that shows the token (auth) of the owner of a name gets this name again.',
        input: z.object({ room: RoomInput, name: NameInput }),
        output: RoomState,
        errors: {
          NAME_TAKEN: z.object({ suggestion: Name, freeInMs: z.number().optional() }),
          NAME_FIXED: z.object({ name: Name }),
          ROOM_FULL: z.object({ membersMax: z.number() }),
          ROOMS_FULL: z.object({ roomsMax: z.number() }),
          TOO_FAST: TooFast,
          SERVERS_APART: ServersApart,
        },
      }),
      history: procedure({
        summary:
          'Returns the lines of the room before a place, or the newest lines. A place in another log is ignored.',
        input: z.object({ before: LinePlace.optional() }),
        output: HistoryPage,
        errors: { NOT_IN_ROOM: NotInRoom, TOO_FAST: TooFast },
      }),
      who: procedure({
        summary: 'Lists the members of the room.',
        output: z.object({ members: z.array(Name).max(limits.roomMembersMax), away: Away }),
        errors: { NOT_IN_ROOM: NotInRoom },
      }),
    },
    lines: {
      say: procedure({
        summary:
          'Says a line to everybody in the room, including the speaker, and answers when the line is kept. A speaker numbers its lines. A line that comes again is not said again.',
        input: z.object({ text: LineInput, number: z.int().positive().optional() }),
        output: z.object({ lineNumber: LineNumber }),
        errors: { NOT_IN_ROOM: NotInRoom, TOO_FAST: TooFast, NOT_KEPT: z.object({}) },
      }),
      typing: procedure({
        summary:
          'Notifies the others that the caller is typing a line. The server drops notices that come too fast.',
        errors: { NOT_IN_ROOM: NotInRoom },
      }),
    },
    files: fileProcedures,
    figures: figuresProcedures,
    quit: procedure({ summary: 'Leaves the chat: the name is free at once.' }),
  },
  events: {
    /** The server keeps lines in a log. Members of the room subscribe to them. */
    line: event(Line, { ...inRoom, subscribe: 'clients' }),
    presence: event(Presence, inRoom),
    typing: event(z.object({ name: Name }), inRoom),
    ...fileEvents,
  },
})
