/**
 * Every code of an {@link IocpError}: what happened, with its likely cause, and what to do.
 * docs/errors.md is generated from this table.
 */
export const iocpErrorCodes = {
  INVALID_ENDPOINT: {
    happened: 'The endpoint is not valid.',
    fix: "Write tcp://HOST:PORT, tcp://[IPV6]:PORT or unix:/PATH, for example 'tcp://127.0.0.1:5500'.",
  },
  INVALID_ARGUMENT: {
    happened: 'An argument or an option has the wrong type, is out of range, or contradicts another one.',
    fix: 'Correct the call. The message says what is wrong and which values are valid.',
  },
  ENDPOINT_UNSUPPORTED: {
    happened: 'The system or the back end does not support addresses of this family.',
    fix: 'Use an IPv4 address if the machine has no IPv6, and tcp: if it has no unix sockets.',
  },
  OPTION_UNSUPPORTED: {
    happened: 'The back end, or this version of the runtime, does not support an option that was set.',
    fix: 'Omit the option, or choose a back end that supports it.',
  },
  BACKEND_UNAVAILABLE: {
    happened: 'The requested back end does not work on this machine.',
    fix: "The message says why, and what would help. `npx @frameport/iocp-core doctor` says more. 'auto' selects the best back end that works.",
  },
  PORT_CLOSED: {
    happened: 'The port was closed before or during this operation.',
    fix: 'Open a new port, or close the old one later.',
  },
  ALREADY_STARTED: {
    happened: 'The connection already delivers to a sink or an iterator.',
    fix: 'Call start, or iterate, only once per connection.',
  },
  ADDRESS_IN_USE: {
    happened: 'Another socket listens on this address.',
    fix: 'Stop the other program, choose another port, or use port 0 and read the real port from the listener.',
  },
  NOT_A_SOCKET: {
    happened: 'The path names a file that is not a socket. The file was not changed.',
    fix: 'Remove the file if nothing needs it, or choose another path.',
  },
  ADDRESS_UNAVAILABLE: {
    happened: 'The address does not belong to this machine, or no local port is free.',
    fix: 'Listen on an address of this machine, 127.0.0.1 or 0.0.0.0.',
  },
  PERMISSION_DENIED: {
    happened: 'The system denied permission. Ports below 1024 and some paths need privileges.',
    fix: 'Use port 1024 or above, or a path that this user may write to.',
  },
  CONNECTION_REFUSED: {
    happened: 'Nothing listens at the address.',
    fix: 'Start the server, or check the host and the port.',
  },
  CONNECTION_RESET: {
    happened: 'The peer, or a device between, reset the connection.',
    fix: 'Connect again. The log of the other side may say why.',
  },
  CONNECTION_ABORTED: {
    happened: 'The connection was lost before it was accepted.',
    fix: 'You need not do anything: the peer gave up, and the listener continues.',
  },
  CONNECTION_TIMED_OUT: {
    happened: 'The peer stopped answering on an open connection.',
    fix: 'Check the network and connect again.',
  },
  CONNECT_TIMEOUT: {
    happened: 'The connection was not established within the time limit.',
    fix: 'Check the host, the port and the firewall, or raise timeoutMs.',
  },
  UNREACHABLE: {
    happened: 'There is no route to the host.',
    fix: 'Check the address and the network.',
  },
  HOST_NOT_FOUND: {
    happened: 'The host name has no address.',
    fix: 'Check the spelling and the resolver, or use an IP address.',
  },
  ABORTED: {
    happened: 'The caller aborted the operation, through a signal or with a reason that is not an Error.',
    fix: 'You need not do anything: the caller asked for this. The property cause holds the reason.',
  },
  INVALID_CERTIFICATES: {
    happened: 'The certificate, its key or the authorities cannot be used.',
    fix: 'Give their PEM, as readFileSync returns it, and the key that belongs to the certificate.',
  },
  CERTIFICATE_REFUSED: {
    happened: 'This side rejected the certificate of its peer.',
    fix: 'The message says which check failed. Give the peer another certificate, or this side another ca.',
  },
  REFUSED_BY_PEER: {
    happened: 'The peer rejected this side in the TLS handshake.',
    fix: 'The message has the reason that the peer gave. Its log may say more.',
  },
  TLS_NOT_SPOKEN: {
    happened: 'The peer sent data that is not TLS.',
    fix: 'Check the port and the scheme: tls: on both sides, or tcp: on both.',
  },
  TLS_FAILED: {
    happened: 'The two sides could not agree, or the received data was damaged.',
    fix: 'The message names the error of OpenSSL. Check the TLS versions and the ciphers of both sides.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback threw, or returned a promise that rejected. Its connection was aborted, and the error went to uncaughtException.',
    fix: 'Catch errors inside the callback. The property cause holds what was thrown.',
  },
  TOO_MANY_FILES: {
    happened: 'The process or the system has no file descriptor left.',
    fix: 'Raise the limit (ulimit -n), or close what is not needed. A listener recovers by itself.',
  },
  OUT_OF_MEMORY: {
    happened: 'The kernel has no memory for the socket.',
    fix: 'Lower the number of connections or the size of their buffers. A listener recovers by itself.',
  },
  SYSTEM_ERROR: {
    happened: 'The system reported an error for which this package has no code.',
    fix: 'The property systemCode holds its name. See errno(3).',
  },
} as const

/** A stable code of an {@link IocpError}. */
export type IocpErrorCode = keyof typeof iocpErrorCodes
