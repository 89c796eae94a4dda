/**
 * All codes of {@link ServerError}, each with what happened and how to fix it. The table in docs/errors.md is generated
 * from this object.
 */
export const serverErrorCodes = {
  BUS_FAILED: {
    happened: 'The event bus failed or took too long, so other servers may not have received the event.',
    fix: 'Check cause and the broker. Subscribers of this server received the event; subscribers of other servers receive a gap when the bus works again.',
  },
  CONNECTIONS_MAX: {
    happened: 'The server already holds as many connections as its limit connectionsMax allows.',
    fix: 'Raise limits.connectionsMax if the machine can take more, or find the clients that do not disconnect.',
  },
  CONNECTIONS_PER_SHARE_MAX: {
    happened:
      'The share of the connection already holds as many connections as the limit connectionsPerShareMax allows.',
    fix: 'Find the clients that do not disconnect. Behind a proxy, give shareKey: there, all clients have the address of the proxy.',
  },
  DUPLICATE_CONTRACT: {
    happened: 'One server was given two implementations of contracts with the same name and version.',
    fix: 'Give each contract its own name or version: the server tells calls apart by both.',
  },
  INVALID_LIMITS: {
    happened: 'A limit of the server or of a worker pool is unknown, or is not an integer in its range.',
    fix: 'The text names the limit; README.md lists all limits with their defaults.',
  },
  INVALID_OPTION: {
    happened:
      'An option of the server or of one of its methods is unknown or wrong, or a connection is neither a ByteStream nor a FrameChannel.',
    fix: 'The text names the option and what was meant or expected; README.md lists all options.',
  },
  INVALID_PAYLOAD: {
    happened: 'The payload of an event does not match its schema, or the schema is asynchronous.',
    fix: 'Publish a payload that the contract allows; the issues are in cause. The option validateOutputs: false turns the check off.',
  },
  LOG_FAILED: {
    happened:
      'The event log failed, took too long, or gave an invalid answer, for example a number that does not grow.',
    fix: 'Check cause. If append threw, the event was not published. If append rejected or took too long, the log may have the event: servers that share the log deliver it then, and otherwise subscribers receive a gap.',
  },
  NOT_A_WORKER: {
    happened: 'This thread is not a worker of a pool.',
    fix: 'Call thisWorker in the file that startWorkers runs, and not in the main thread.',
  },
  PRINCIPAL_FAILED: {
    happened:
      'The option principal of the server threw or did not return a string, so the server refused the client.',
    fix: 'Return a string that identifies the client, or undefined if the client has no identity. The error that it threw is in cause.',
  },
  SERVER_CLOSED: {
    happened: 'The server was closed before or during this operation.',
    fix: 'Create a new server, or close this one later.',
  },
  SHARE_KEY_FAILED: {
    happened:
      'The option shareKey of the server threw, or did not return a string of at least one character, so the server closed the connection.',
    fix: 'Return a string of at least one character, or undefined for a connection that is not counted. The error that it threw is in cause.',
  },
  UNKNOWN_CONTRACT: {
    happened: 'This server does not implement that contract.',
    fix: 'Give the contract object of an implementation that createServer was given; a copy of it is another contract.',
  },
  UNKNOWN_EVENT: {
    happened: 'The event belongs to no contract that this server implements.',
    fix: 'Take it from contract.events of an implemented contract, or give the implementation of its contract to createServer.',
  },
  WORKER_FAILED: {
    happened: 'A worker of a pool could not start, or has died.',
    fix: 'The text and cause have the error. A worker must call thisWorker().serve(server, endpoint) within startTimeoutMs.',
  },
} as const

/** The code of a {@link ServerError}: a key of {@link serverErrorCodes}. */
export type ServerErrorCode = keyof typeof serverErrorCodes
