import { procedure } from '@frameport/protocol'
import * as z from 'zod'
import { NotInRoom } from './contract-parts.ts'
import { limits } from './limits.ts'

const Count = z.int().nonnegative()
const Rate = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)

/**
 * The current load of one server of the chat. The servers send it to each other. It contains only counts: no names,
 * rooms, addresses or lines.
 */
export const ServerFigures = z.object({
  /** The id of the server, new after each start. */
  server: z.string().min(1).max(64),
  /** The name of the server from `--label`. Empty: no name. */
  label: z.string().max(2 * limits.serverLabelCharactersMax),
  /** The back ends of its listeners, joined with `+`. */
  backend: z.string().max(64),
  connections: Count,
  /** How many of them are lost and may come back. */
  away: Count,
  /** Bytes that wait for clients to read. */
  queuedBytes: Count,
  /** Connections for which more than `slowPeerBytes` wait. */
  slow: Count,
  /** Connections that the server has ended in the last minute because they did not read. */
  cutOff: Count,
  /** The rates over the last second. Absent in the first second, after only one reading. */
  rates: z
    .object({
      calls: Rate,
      callsFailed: Rate,
      /** Events that were delivered to connections. */
      events: Rate,
      bytesSent: Rate,
      /** The longest call that ended in this second, streams left out. */
      longestCallMs: Rate,
    })
    .optional(),
})
export type ServerFigures = z.infer<typeof ServerFigures>

/** The figures of a server, as another server passes them on. */
export const FiguresRow = ServerFigures.extend({
  /**
   * Present if the server has been silent for this time: it is gone or cannot be reached. The figures are its last
   * ones.
   */
  silentMs: Count.optional(),
})
export type FiguresRow = z.infer<typeof FiguresRow>

export const FiguresTable = z.object({
  /** The id of the server that has made the table. */
  here: z.string().max(64),
  servers: z.array(FiguresRow).max(limits.figuresServersMax),
})
export type FiguresTable = z.infer<typeof FiguresTable>

export const figuresProcedures = {
  watch: procedure({
    summary: 'Sends the figures of all servers of the chat once a second, until the caller cancels it.',
    items: FiguresTable,
    errors: { NOT_IN_ROOM: NotInRoom, WATCHED_ALREADY: z.object({}) },
  }),
}
