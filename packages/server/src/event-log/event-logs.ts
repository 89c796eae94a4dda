import type { ContractEvent } from '@frameport/protocol'
import { checking, missingMethods, readOnce, unknownName, wrongKind } from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import type { EventLog, EventLogOption } from '../event-log.ts'

const logShape = { what: 'an EventLog', methods: ['append', 'after'] }

/** The logs of a server, by the wire names of their events. */
export type EventLogs = ReadonlyMap<string, EventLog>

/**
 * Resolves the option `eventLogs`; undefined if no event is logged.
 *
 * @param checkEvent throws for a value that is not an event of the server
 * @param options `isShared`: other servers exist
 * @throws ServerError `INVALID_OPTION`, `UNKNOWN_EVENT`
 */
export function resolveEventLogs(
  given: readonly EventLogOption[] | undefined,
  checkEvent: (event: ContractEvent) => void,
  { isShared }: { readonly isShared: boolean },
): EventLogs | undefined {
  if (given === undefined) return undefined
  return checking(() => {
    if (!Array.isArray(given))
      throw refusal('eventLogs is not an array: give [{ log, events: [contract.events.name] }]')
    const logs = new Map<string, EventLog>()
    for (const option of given as readonly EventLogOption[]) {
      refuse(wrongKind('an entry of eventLogs', option ?? null, 'object'))
      refuse(unknownName('an entry of eventLogs', option, ['log', 'events']))
      const { log, events } = readOnce(option, ['log', 'events'])
      refuse(missingMethods('log of eventLogs', log ?? null, logShape))
      refuse(wrongKind('follow of a log of eventLogs', log.follow, 'function'))
      if (isShared && log.follow === undefined)
        throw refusal(
          'a log of eventLogs has no method follow, and there is an eventBus: other servers would not receive the events that this one appends. Give a log with follow, which servers can share',
        )
      if (!Array.isArray(events))
        throw refusal('events of eventLogs is not an array: give [contract.events.name]')
      for (const event of events as readonly ContractEvent[]) {
        checkEvent(event)
        refuse(wrongEvent(event, logs))
        logs.set(event.wireName, log)
      }
    }
    return logs.size === 0 ? undefined : logs
  }, refusal)
}

function wrongEvent({ name, wireName, subscribe }: ContractEvent, logs: EventLogs): string | undefined {
  if (subscribe !== 'clients')
    return `eventLogs has ${name}, which clients do not subscribe to: no client could ask for the events in the log. Declare it with subscribe: 'clients'`
  return logs.has(wireName) ? `eventLogs has ${name} twice` : undefined
}
