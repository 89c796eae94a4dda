import type { RunFinds } from './wrong-use.ts'

/** Errors of clients that listen to events. */
export const eventFinds: readonly RunFinds[] = [
  {
    what: 'an event that there is not',
    wrote: "client.$on('chagned', { name: 'tea' }, () => undefined)",
    error: 'ClientError',
    code: 'UNKNOWN_EVENT',
    says: '"chagned": did you mean changed?',
    cure: 'Take a name of the contract.',
  },
  {
    what: 'a topic that has no value of its own',
    wrote: "client.$on('changed', { name: new Date(0) }, () => undefined)",
    error: 'ProtocolError',
    code: 'INVALID_TOPIC',
    says: 'an instance of Date is not plain JSON',
    cure: 'Give plain JSON.',
  },
  {
    what: 'a topic for an event without topics',
    wrote: "client.$on('closing', { name: 'tea' }, () => undefined)",
    error: 'ClientError',
    code: 'INVALID_OPTION',
    says: "shop/closing has no topic, but one was given: call $on('closing', listener)",
    cure: 'Leave the topic out.',
  },
  {
    what: 'a topic of a wrong type',
    wrote: "client.$on('changed', { name: 5 }, () => undefined)",
    error: 'ProtocolError',
    code: 'INVALID_TOPIC',
    says: 'the topic of shop/changed is not valid at name: Invalid input: expected string, received number',
    cure: 'Give the topic that the contract declares.',
  },
  {
    what: 'a topic left out',
    wrote: "client.$on('changed', () => undefined)",
    error: 'ClientError',
    code: 'INVALID_OPTION',
    says: "the topic of shop/changed is missing: call $on('changed', topic, listener)",
    cure: 'Give the topic before the listener.',
  },
  {
    what: 'a listener left out',
    wrote: "client.$on('changed', { name: 'tea' })",
    error: 'ClientError',
    code: 'INVALID_OPTION',
    says: 'listener is null, not a function',
    cure: 'Give the listener.',
  },
  {
    what: 'the event in the place of its name',
    wrote: "client.$on(shop.events.changed, { name: 'tea' }, () => undefined)",
    error: 'ClientError',
    code: 'UNKNOWN_EVENT',
    says: "the event itself was given: give its name, $on('changed', …)",
    cure: 'Give the name: only a server takes the event.',
  },
]
