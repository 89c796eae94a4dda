/** Every code a {@link NatsBrokerError} can carry. docs/errors.md is made from this table. */
export const natsBrokerErrorCodes = {
  BROKER_AWAY: {
    happened: 'There is no connection to a NATS server at the moment; nothing was handed over.',
    fix: 'The connection is made again by itself. Try again later, and look at why the NATS server does not answer: nats.state and onStateChange say when it is back.',
  },
  BROKER_SILENT: {
    happened: 'The NATS server did not answer in time; it may have taken what it was given.',
    fix: 'Look at the load of the NATS server and of the network. Raise requestTimeoutMs if it is slow and healthy.',
  },
  CLOSED: {
    happened: 'The connection to NATS was closed by close(), or the server has left the bus.',
    fix: 'Close the servers that use it first.',
  },
  CONNECTION_LOST: {
    happened:
      'The connection to the NATS server broke before it answered; it may have taken what it was given.',
    fix: 'The connection is made again by itself. Give the events of a log an id: then they can be appended again without being kept twice.',
  },
  CONNECT_FAILED: {
    happened: 'No connection to a NATS server could be made.',
    fix: 'Check the addresses, the credentials and the TLS options, and that the server runs; cause says what the last attempt failed with.',
  },
  EVENT_TOO_LONG: {
    happened: 'An event is longer than a message of this NATS server may be.',
    fix: 'Publish less in one event, or raise max_payload in the configuration of the NATS server (1 MiB by default).',
  },
  INVALID_OPTION: {
    happened: 'An option of connectNats() or of log() is unknown or out of its range.',
    fix: 'The text names the option and the range.',
  },
  JETSTREAM_OFF: {
    happened: 'The NATS server has no JetStream for this account, and a log needs it.',
    fix: 'Start nats-server with -js, or enable jetstream in its configuration and for the account.',
  },
  LOG_LOST: {
    happened: 'The stream that kept the log is not there any more; nothing was appended.',
    fix: 'It is made anew by itself, as another log, and later events are kept. Look at who deleted it, or whether storage: "memory" was meant.',
  },
  LOG_REFUSED: {
    happened: 'JetStream has refused what the log asked for.',
    fix: 'cause says why: often the limits of the account are smaller than those of the log, or another stream has the same subjects.',
  },
  NOT_ALLOWED: {
    happened: 'The user of this connection may not publish or subscribe to a subject.',
    fix: 'Allow the subjects that begin with the prefix, and _INBOX.> and $JS.API.> for a log, in the permissions of the user.',
  },
  TOO_MUCH_WAITING: {
    happened: 'Too many bytes of events wait for the NATS server; this event was not handed over.',
    fix: 'Await what publish gives, so that the publisher goes no faster than the broker. Raise limits.waitingBytesMax for longer bursts.',
  },
} as const

export type NatsBrokerErrorCode = keyof typeof natsBrokerErrorCodes
