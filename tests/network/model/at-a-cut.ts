import type { CallRecord, LinkRecord } from './records.ts'

/**
 * What may happen at a cut: the one place of the model that says it.
 *
 * Today a client ends with its connection: its open calls fail, its subscriptions are gone, and an application that goes on makes a
 * new client. Once clients connect again by themselves and resume their sessions, a link lives through cuts, and this says less.
 */
export const atACut = {
  /** A link may end although nobody asked for it. */
  linkMayEnd: (link: LinkRecord): boolean => link.isDisturbed,
  /** An open call may fail with UNAVAILABLE. */
  callMayFail: ({ link }: CallRecord): boolean => link.isDisturbed || link.isEnding,
  /** How often a handler may run for one call: no call is made again, also none that is idempotent. */
  runsMax: (_: CallRecord): number => 1,
  /** Events of this link may be missing without a gap that says so. */
  eventsMayBeLost: (link: LinkRecord): boolean => link.client.closedAtMs !== undefined,
  /** A call without an answer that was handed to the connection may be lost. */
  onewayMayBeLost: ({ link }: CallRecord): boolean =>
    link.client.closedAtMs !== undefined || link.client.isDead || link.server.isDead,
}
