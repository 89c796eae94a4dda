import type { ContractEvent, EventDefinition, EventGroup, EventMark } from './event.ts'
import { checkMemberName, invalidContract } from './names.ts'
import { isBytesSchema, isSchema } from './schema.ts'

/**
 * The events of a contract, under their full names.
 *
 * @throws ProtocolError INVALID_CONTRACT
 */
export function bindEvents(
  contractName: string,
  version: number,
  events: EventGroup,
): Record<string, ContractEvent> {
  const bound: Record<string, ContractEvent> = {}
  for (const [name, definition] of Object.entries(events)) {
    checkMemberName(name, 'event', `contract ${contractName}`)
    const place = `${contractName}/${name}`
    if (!isEvent(definition)) {
      throw invalidContract(`${place} is not an event with a Standard Schema: write event(schema).`)
    }
    const { topic } = definition
    if (topic !== undefined && (!isSchema(topic) || isBytesSchema(topic))) {
      throw invalidContract(`The topic of event ${place} is not a Standard Schema of plain JSON.`)
    }
    bound[name] = Object.freeze({
      kind: 'event',
      payload: definition.payload,
      topic,
      subscribe: definition.subscribe,
      whenSlow: definition.whenSlow,
      name: place,
      wireName: `${contractName}@${version}/${name}`,
    })
  }
  return Object.freeze(bound)
}

function isEvent(value: EventMark): value is EventDefinition {
  return value?.kind === 'event' && isSchema((value as EventDefinition).payload)
}
