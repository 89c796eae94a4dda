import { json } from '../../../support/envelopes.ts'
import { attacksOnClients } from '../../support/attack.ts'
import { poursOf } from '../../support/on-client/forms.ts'
import { event, many, text, wide } from '../../support/on-client/replies.ts'
import { frame } from '../../support/raw-connection.ts'

const line = json('{"text":"x"}')
const gap = frame({
  kind: 'gap',
  event: 'target@1/line',
  topic: '{"room":"lobby"}',
  events: Number.MAX_SAFE_INTEGER,
})

export const eventAttacks = attacksOnClients('events', [
  {
    name: 'unheard-events',
    about: 'events of 900 KB that this client does not listen to',
    connections: 4,
    deedsPerSecondMin: 20,
    work: { listensTo: 'line' },
    serve: poursOf({ bytes: event('line', wide(900_000), 'other'), deeds: 1 }),
  },
  {
    name: 'quick-events',
    about: 'small events without a pause for a listener',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { listensTo: 'line' },
    serve: poursOf({ bytes: many(event('line', line), 500), deeds: 500 }),
  },
  {
    name: 'wrong-events',
    about: 'events that do not match their schema, and events that are not JSON',
    connections: 4,
    deedsPerSecondMin: 1_000,
    work: { listensTo: 'line' },
    serve: poursOf({
      bytes: many(Buffer.concat([event('line', json('7')), event('line', json('\u001b[2J'))]), 100),
      deeds: 200,
    }),
  },
  {
    name: 'looked-up-events',
    about: 'small events without a pause for a validator that waits',
    connections: 4,
    deedsPerSecondMin: 1_000,
    work: { listensTo: 'looked' },
    serve: poursOf({ bytes: many(event('looked', line), 500), deeds: 500 }),
  },
  {
    name: 'long-looked-up-events',
    about: 'events of 900 KB without a pause for a validator that waits',
    connections: 2,
    deedsPerSecondMin: 10,
    work: { listensTo: 'looked' },
    serve: poursOf({ bytes: event('looked', text(900_000)), deeds: 1 }),
  },
  {
    name: 'gaps',
    about: 'gaps with the largest possible number of events, without a pause',
    connections: 4,
    deedsPerSecondMin: 5_000,
    work: { listensTo: 'line' },
    serve: poursOf({ bytes: many(gap, 500), deeds: 500 }),
  },
])
