/**
 * Every code of a {@link NatsBrokerError}: what happened, and what to do about it. `docs/errors.md` is generated from
 * this table.
 */
export const natsBrokerErrorCodes = {
  BROKER_AWAY: {
    happened: 'The connection to the NATS server is down at the moment. Nothing was sent.',
    fix: 'The package reconnects by itself. Try again later, and find out why the NATS server does not answer. `nats.state` and `onStateChange` report when the connection is back.',
  },
  BROKER_SILENT: {
    happened: 'The NATS server did not answer in time. It may have received what was sent.',
    fix: 'Check the load of the NATS server and of the network. If the server is slow but healthy, raise `requestTimeoutMs`.',
  },
  CLOSED: {
    happened: 'The connection to NATS was closed by `close()`, or the Frameport server has left the bus.',
    fix: 'Close the Frameport servers that use the connection first.',
  },
  CONNECTION_LOST: {
    happened:
      'The connection to the NATS server broke before the server answered. It may have received what was sent.',
    fix: 'The package reconnects by itself. Give each event of a log an `id`: the log then keeps it once, even if it is appended again.',
  },
  CONNECT_FAILED: {
    happened: 'No NATS server could be reached.',
    fix: 'Check the addresses, the credentials and the TLS options, and that the server runs. `cause` is the error of the last attempt.',
  },
  EVENT_TOO_LONG: {
    happened: 'The event is longer than the NATS server allows a message to be.',
    fix: 'Publish less data in one event, or raise `max_payload` in the configuration of the NATS server (1 MiB by default).',
  },
  INVALID_OPTION: {
    happened: 'An option of `connectNats()` or of `log()` is unknown or out of range.',
    fix: 'The message names the option and the range.',
  },
  JETSTREAM_OFF: {
    happened: 'JetStream is not enabled on the NATS server for this account, and a log needs it.',
    fix: 'Start `nats-server` with `-js`, or enable JetStream in its configuration and for the account.',
  },
  LOG_LOST: {
    happened: 'The stream that kept the log no longer exists. The event was not appended.',
    fix: 'The package makes a new stream, which is another log, and keeps later events in it. Find out who deleted the stream, or whether `storage: "memory"` was intended.',
  },
  LOG_REFUSED: {
    happened: 'JetStream refused a request of the log.',
    fix: '`cause` holds the reason. Often the limits of the account are smaller than those of the log, or another stream has the same subjects.',
  },
  NOT_ALLOWED: {
    happened: 'The user of this connection has no permission to publish or subscribe to a subject.',
    fix: 'Allow the subjects that begin with the prefix in the permissions of the user, and `_INBOX.>` and `$JS.API.>` for a log.',
  },
  TOO_MUCH_WAITING: {
    happened: 'Too many bytes of events wait for the NATS server. This event was not sent.',
    fix: 'Await the promise of `publish`, so that the publisher is not faster than the broker. For longer bursts, raise `limits.waitingBytesMax`.',
  },
} as const

/** The stable code of a {@link NatsBrokerError}. */
export type NatsBrokerErrorCode = keyof typeof natsBrokerErrorCodes
