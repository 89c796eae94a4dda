import type { EventLogs } from './event-log/event-logs.ts'
import { LogFeed, type LogFeedServices } from './event-log/log-feed.ts'
import type { BusEvents } from './events/bus-events.ts'
import { topicOfKey } from './events/subscriptions.ts'
import type { TopicFeed } from './events/topic-feed.ts'
import type { Router } from './handlers/router.ts'

export interface TopicFeedsServices extends LogFeedServices {
  readonly router: Pick<Router, 'event'>
  readonly eventLogs: EventLogs | undefined
  /** Absent without the option `eventBus`. */
  readonly busEvents: BusEvents | undefined
}

/**
 * Returns the feed that delivers events of other servers for a topic with subscribers: from its log, if servers share
 * one, or from the bus.
 */
export function topicFeed(key: string, services: TopicFeedsServices): TopicFeed | undefined {
  const { event } = topicOfKey(key)
  const log = services.eventLogs?.get(event)
  if (log === undefined) return services.busEvents?.feed(key)
  return log.follow === undefined ? undefined : new LogFeed(key, services.router.event(event), log, services)
}
