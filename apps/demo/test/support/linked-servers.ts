import {
  type EventBus,
  type EventHistory,
  type EventLog,
  memoryEventBus,
  memoryEventLog,
} from '@frameport/server'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import type { RosterEffect } from '../../src/server/roster/roster.ts'
import type { SessionKey } from '../../src/server/roster/roster-change.ts'
import { RosterLink } from '../../src/server/roster/roster-link.ts'
import { ManualClock } from './manual-clock.ts'

const logger = pino({ level: 'silent' })

export interface LinkedServer {
  readonly link: RosterLink
  /** The presence notices that this server sends to its members, such as `bob joined lobby`. */
  readonly told: string[]
  readonly effects: RosterEffect[]
  /** Ends it without a goodbye. */
  kill(): void
  isCut: boolean
  /** It is stopped like a process after SIGSTOP. It handles what arrived meanwhile when it continues. */
  isStill: boolean
}

/** Servers of one chat with a common clock. */
export function linkedServers(log: EventHistory = memoryEventLog()) {
  const clock = new ManualClock()
  const bus = memoryEventBus()
  const servers: LinkedServer[] = []
  const start = async (): Promise<LinkedServer> => {
    const state = { isCut: false, isDead: false, isStill: false }
    const waiting: (() => void)[] = []
    let isCatchingUp = false
    const own: EventLog = {
      append: (toLog) => {
        if (state.isCut || state.isDead || state.isStill) throw new Error('the log is away')
        return log.append(toLog)
      },
      after: (query) => log.after(query),
      follow: (topic, follower) =>
        log.follow!(topic, {
          event(...told) {
            const take = () => void (state.isCut ? follower.missed() : follower.event(...told))
            if (state.isStill || isCatchingUp) waiting.push(take)
            else if (!state.isDead) take()
          },
          missed: () => follower.missed(),
        }),
    }
    const ownBus: EventBus = {
      join: (receiver) => {
        const reached = () => !(state.isDead || state.isCut || state.isStill)
        const member = bus.join({
          event: (event) => void (reached() && receiver.event(event)),
          gap: (topic) => receiver.gap(topic),
        })
        return { ...member, publish: (event) => (reached() ? member.publish(event) : undefined) }
      },
    }
    const told: string[] = []
    const effects: RosterEffect[] = []
    const link = new RosterLink({
      log: own,
      bus: ownBus,
      clock,
      logger,
      onEffect: (effect, isOwn) => {
        effects.push(effect)
        if (effect.kind === 'presence' && isOwn)
          told.push(`${effect.presence.name} ${effect.presence.change} ${effect.room}`)
      },
    })
    const server: LinkedServer = {
      link,
      told,
      effects,
      kill: () => {
        state.isDead = true
      },
      get isStill() {
        return state.isStill
      },
      set isStill(isStill) {
        state.isStill = isStill
        if (isStill) return
        // In order, even if handling a message appends another one.
        isCatchingUp = true
        for (let take = waiting.shift(); take !== undefined; take = waiting.shift()) take()
        isCatchingUp = false
      },
      get isCut() {
        return state.isCut
      },
      set isCut(isCut) {
        state.isCut = isCut
      },
    }
    servers.push(server)
    onTestFinished(() => link.close())
    await link.start()
    return server
  }
  /** The members and their rooms, as a server sees them. */
  const seenBy = ({ link }: LinkedServer) =>
    [...link.roster.members.values()]
      .map(({ name, room, isAway }) => `${name} in ${room}${isAway ? ', away' : ''}`)
      .sort()
  return { clock, start, seenBy, log }
}

/** A member enters a room through a server. */
export const join = (
  server: LinkedServer,
  by: string,
  name: string,
  room: string,
  session: SessionKey = server.link.session(),
  membersMax = 100,
) => server.link.join(by, session, { name, room }, membersMax)
