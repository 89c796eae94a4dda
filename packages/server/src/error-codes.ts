/** Every code a {@link ServerError} can carry. docs/errors.md is made from this table. */
export const serverErrorCodes = {
  BUS_FAILED: {
    happened: 'The bus between servers failed or took too long, so other servers may not have the event.',
    fix: 'Look at cause, and at the broker. Subscribers of this server have the event; those of others are told of a gap when the bus works again.',
  },
  CONNECTIONS_MAX: {
    happened: 'The server holds as many connections as its limit connectionsMax allows.',
    fix: 'Raise limits.connectionsMax when the machine can take more, or find out who does not disconnect.',
  },
  CONNECTIONS_PER_SHARE_MAX: {
    happened:
      'The share of the connection holds as many connections as the limit connectionsPerShareMax allows.',
    fix: 'Find out who does not disconnect. Behind a proxy give shareKey: all clients have the address of the proxy there.',
  },
  DUPLICATE_CONTRACT: {
    happened: 'Two implementations of contracts with the same name and version were given to one server.',
    fix: 'Give each contract a name of its own, or another version: calls are told apart by both.',
  },
  INVALID_LIMITS: {
    happened: 'A limit of the server is unknown, or is not a whole number in its range.',
    fix: 'The text names the limit; README.md lists all of them with their defaults.',
  },
  INVALID_OPTION: {
    happened: 'An option of the server, or of one of its methods, is unknown or wrong, or a stream is none.',
    fix: 'The text names the option and what was meant or expected; README.md lists all of them.',
  },
  INVALID_PAYLOAD: {
    happened: 'The payload of an event does not fit its schema, or the schema is asynchronous.',
    fix: 'Publish what the contract says; the issues are in cause. validateOutputs: false checks nothing.',
  },
  LOG_FAILED: {
    happened:
      'The log of an event failed, took too long, or gave what cannot be, as a number that does not grow.',
    fix: 'Look at cause. An event whose append threw was not published. One whose append rejected, or came too late, may be in the log: a log that servers share tells of it then, and otherwise subscribers were told of a gap.',
  },
  NOT_A_WORKER: {
    happened: 'This thread is no worker of a pool.',
    fix: 'Call thisWorker in the file that startWorkers is given, and not in the main thread.',
  },
  PRINCIPAL_FAILED: {
    happened: 'The principal of the server threw, or gave no text, so the client was refused.',
    fix: 'Return a string that says who the client is, or undefined for nobody in particular. What it threw is in cause.',
  },
  SERVER_CLOSED: {
    happened: 'The server was closed before or while this was going on.',
    fix: 'Create a new server, or close this one later.',
  },
  SHARE_KEY_FAILED: {
    happened:
      'The shareKey of the server threw, or gave no text or an empty one, so the connection was closed.',
    fix: 'Return a string of at least one character, or undefined for a connection that is not counted. What it threw is in cause.',
  },
  UNKNOWN_CONTRACT: {
    happened: 'This server implements no such contract.',
    fix: 'Give the contract of an implementation that createServer was given, the same object.',
  },
  UNKNOWN_EVENT: {
    happened: 'The event belongs to no contract that this server implements.',
    fix: 'Take it from contract.events of an implemented contract, or give its implementation to createServer.',
  },
  WORKER_FAILED: {
    happened: 'A worker of a pool could not start, or has died.',
    fix: 'The text and cause say what it threw. A worker has to call thisWorker().serve(server, endpoint) within startTimeoutMs.',
  },
} as const

export type ServerErrorCode = keyof typeof serverErrorCodes
