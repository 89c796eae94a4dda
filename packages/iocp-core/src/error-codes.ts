/**
 * Every code an {@link IocpError} can carry: what happened with its likely cause, and what to do.
 * docs/errors.md is generated from this table.
 */
export const iocpErrorCodes = {
  INVALID_ENDPOINT: {
    happened: 'The endpoint is not one this package can read.',
    fix: "Write tcp://HOST:PORT, tcp://[IPV6]:PORT or unix:/PATH, for instance 'tcp://127.0.0.1:5500'.",
  },
  INVALID_ARGUMENT: {
    happened: 'An argument or an option has a wrong type, is out of its range or contradicts another.',
    fix: 'The text names what is wrong, and the values there are; correct the call.',
  },
  ENDPOINT_UNSUPPORTED: {
    happened: 'The system, or the back end in use, does not have addresses of this family.',
    fix: 'Use an IPv4 address where the machine has no IPv6, and tcp: where it has no unix sockets.',
  },
  OPTION_UNSUPPORTED: {
    happened: 'The back end in use, or this version of the runtime, cannot do what an option asks for.',
    fix: 'Leave the option out, or name a back end that has it.',
  },
  BACKEND_UNAVAILABLE: {
    happened: 'The back end that was asked for by name does not work here.',
    fix: "The text says why and what would help, `npx @frameport/iocp-core doctor` says more; 'auto' takes the best one that works.",
  },
  PORT_CLOSED: {
    happened: 'The port was closed before or while this was going on.',
    fix: 'Open a new port, or close the old one later.',
  },
  ALREADY_STARTED: {
    happened: 'The connection delivers to a sink or an iterator already.',
    fix: 'Call start, or iterate, once per connection.',
  },
  ADDRESS_IN_USE: {
    happened: 'Another socket listens on this address.',
    fix: 'Stop the other program, choose another port, or use port 0 and read the real one from the listener.',
  },
  NOT_A_SOCKET: {
    happened: 'The path names something that is not a socket, and it was left as it is.',
    fix: 'Remove it when it is of no use, or choose another path.',
  },
  ADDRESS_UNAVAILABLE: {
    happened: 'The address does not belong to this machine, or no local port is left.',
    fix: 'Listen on an address of this machine, 127.0.0.1 or 0.0.0.0.',
  },
  PERMISSION_DENIED: {
    happened: 'The system does not allow it: ports below 1024 and some paths need rights.',
    fix: 'Use a port from 1024 up, or a path this user may write to.',
  },
  CONNECTION_REFUSED: {
    happened: 'Nobody listens at the address.',
    fix: 'Start the server, or check the host and the port.',
  },
  CONNECTION_RESET: {
    happened: 'The peer, or something between, broke the connection.',
    fix: 'Connect again; the log of the other side says why.',
  },
  CONNECTION_ABORTED: {
    happened: 'The connection was lost before it was accepted.',
    fix: 'Nothing: the peer gave up. The listener goes on.',
  },
  CONNECTION_TIMED_OUT: {
    happened: 'The peer no longer answers on a connection that was open.',
    fix: 'Check the network and connect again.',
  },
  CONNECT_TIMEOUT: {
    happened: 'No answer to the attempt to connect within the time allowed.',
    fix: 'Check host, port and firewall, or raise timeoutMs.',
  },
  UNREACHABLE: {
    happened: 'There is no route to the host.',
    fix: 'Check the address and the network.',
  },
  HOST_NOT_FOUND: {
    happened: 'The name has no address.',
    fix: 'Check the spelling and the resolver, or give an address.',
  },
  ABORTED: {
    happened: 'The caller aborted it, by a signal or with a reason that is not an Error.',
    fix: 'Nothing: this is what was asked for; cause holds the reason.',
  },
  INVALID_CERTIFICATES: {
    happened: 'The certificate, its key or the authorities cannot be used.',
    fix: 'Give the PEM of them, as readFileSync gives it, and the key that belongs to the certificate.',
  },
  CERTIFICATE_REFUSED: {
    happened: 'This side does not take the certificate of its peer.',
    fix: 'The text says which check failed; give the peer another certificate, or this side another ca.',
  },
  REFUSED_BY_PEER: {
    happened: 'The peer has refused this side in the TLS handshake.',
    fix: 'The text says why, as far as the peer did; its log may say more.',
  },
  TLS_NOT_SPOKEN: {
    happened: 'What the peer sends is not TLS.',
    fix: 'Check the port and the scheme: tls: on both sides, or tcp: on both.',
  },
  TLS_FAILED: {
    happened: 'The two sides could not agree, or what came was damaged.',
    fix: 'The text names the error of OpenSSL; check versions and ciphers of both sides.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback threw, or returned a promise that rejected, so its connection was aborted; the error itself went to uncaughtException.',
    fix: 'Catch inside the callback; cause holds what was thrown.',
  },
  TOO_MANY_FILES: {
    happened: 'The process or the system has no descriptor left.',
    fix: 'Raise the limit (ulimit -n), or close what is not needed. A listener goes on by itself.',
  },
  OUT_OF_MEMORY: {
    happened: 'The kernel has no memory for the socket.',
    fix: 'Lower the number of connections or the size of their buffers. A listener goes on by itself.',
  },
  SYSTEM_ERROR: {
    happened: 'The system refused for a reason without a code of its own here.',
    fix: 'systemCode holds its name; see errno(3).',
  },
} as const

/** A stable code of an {@link IocpError}. */
export type IocpErrorCode = keyof typeof iocpErrorCodes
