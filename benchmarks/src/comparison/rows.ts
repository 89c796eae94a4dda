import type { Row } from '../../support/rival/row.ts'

const call = { kind: 'call', connections: 1, inFlight: 1, messageBytes: 64 } as const

/** The rows of a run, not every combination of sizes, calls in flight and connections: each row answers a question of its own. */
export const rows: readonly Row[] = [
  // The latency of a call without any other load.
  { ...call, name: 'alone', title: 'a call at a time, 64 B', isTimed: true, isLoadOpened: true },
  // The cost of the path of a call: batches are full enough to share system calls.
  {
    ...call,
    name: 'in-flight-64',
    title: '64 calls in flight, 64 B',
    inFlight: 64,
    isLoadOpened: true,
    isAllocationCounted: true,
  },
  // Whether more calls in flight make it worse.
  { ...call, name: 'in-flight-512', title: '512 calls in flight, 64 B', inFlight: 512 },
  // The share of the message in the cost: JSON, UTF-8, the schema.
  {
    ...call,
    name: 'kibibyte',
    title: '64 calls in flight, 1 KiB',
    inFlight: 64,
    messageBytes: 1024,
    isLoadOpened: true,
    isAllocationCounted: true,
  },
  // No connection has two frames for one system call.
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
  // Items that wait for a reader, in both directions.
  { ...call, name: 'stream', title: 'a stream of 100,000 items, 64 B', kind: 'stream', items: 100_000 },
  {
    ...call,
    name: 'upload',
    title: 'an upload of 100 MB in chunks of 64 KiB',
    kind: 'upload',
    uploadBytes: 100_000_000,
  },
  // One message to many; 500 is the number in earlier figures and in the aims.
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
  // The cost of idle connections.
  {
    ...call,
    name: 'idle',
    title: 'memory of the server with 5,000 idle connections',
    kind: 'idle',
    connections: 5000,
  },
]

/** The rows of a run of about a minute: the same kinds, but fewer of each. */
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
