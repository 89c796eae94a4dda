import type { Row } from '../../support/rival/row.ts'

const call = { kind: 'call', connections: 1, inFlight: 1, messageBytes: 64 } as const

/** The rows of a run, and not the whole product of sizes, calls in flight and connections: each has a question of its own. */
export const rows: readonly Row[] = [
  // How long a call takes that nothing else disturbs.
  { ...call, name: 'alone', title: 'a call at a time, 64 B', isTimed: true, isLoadOpened: true },
  // What the path of a call costs: batches are full enough that system calls are shared.
  {
    ...call,
    name: 'in-flight-64',
    title: '64 calls in flight, 64 B',
    inFlight: 64,
    isLoadOpened: true,
    isAllocationCounted: true,
  },
  // Whether more in flight makes it worse.
  { ...call, name: 'in-flight-512', title: '512 calls in flight, 64 B', inFlight: 512 },
  // How much of it is the message: JSON, UTF-8, the schema.
  {
    ...call,
    name: 'kibibyte',
    title: '64 calls in flight, 1 KiB',
    inFlight: 64,
    messageBytes: 1024,
    isLoadOpened: true,
    isAllocationCounted: true,
  },
  // No connection has two frames to put into one system call.
  {
    ...call,
    name: 'connections-64',
    title: '64 connections with a call each, 64 B',
    connections: 64,
    isLoadOpened: true,
  },
  {
    ...call,
    name: 'connections-1000',
    title: '1,000 connections with a call each, 64 B',
    connections: 1000,
    isLoadOpened: true,
  },
  // What waits for a reader, in both directions.
  { ...call, name: 'stream', title: 'a stream of 100,000 items, 64 B', kind: 'stream', items: 100_000 },
  {
    ...call,
    name: 'upload',
    title: 'an upload of 100 MB in chunks of 64 KiB',
    kind: 'upload',
    uploadBytes: 100_000_000,
  },
  // One message to many; 500 is what earlier figures and the aims were stated for.
  {
    ...call,
    name: 'events-500',
    title: 'events to 500 subscribers, 64 B',
    kind: 'subscribe',
    connections: 500,
    inFlight: 4,
  },
  {
    ...call,
    name: 'events-1000',
    title: 'events to 1,000 subscribers, 64 B',
    kind: 'subscribe',
    connections: 1000,
    inFlight: 4,
  },
  // What is paid for those who say nothing.
  {
    ...call,
    name: 'idle',
    title: 'memory of the server with 5,000 idle connections',
    kind: 'idle',
    connections: 5000,
  },
]

/** What a run of about a minute takes: the same kinds, and less of each. */
export const quickRows: readonly Row[] = [
  { ...call, name: 'in-flight-64', title: '64 calls in flight, 64 B', inFlight: 64, isLoadOpened: true },
  { ...call, name: 'stream', title: 'a stream of 5,000 items, 64 B', kind: 'stream', items: 5000 },
  {
    ...call,
    name: 'upload',
    title: 'an upload of 5 MB in chunks of 64 KiB',
    kind: 'upload',
    uploadBytes: 5_000_000,
  },
  {
    ...call,
    name: 'events-50',
    title: 'events to 50 subscribers, 64 B',
    kind: 'subscribe',
    connections: 50,
    inFlight: 4,
  },
]
