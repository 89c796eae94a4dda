/** Every code a {@link TestingError} can carry. docs/errors.md is made from this table. */
export const testingErrorCodes = {
  ADDRESS_IN_USE: {
    happened: 'Something listens at this port of the simulated host already.',
    fix: 'Choose another port, or close the other listener. The ports of a process are free once it is killed.',
  },
  ALREADY_STARTED: {
    happened: 'start() was called twice on one end of an in-memory pair.',
    fix: 'A stream has one owner: hand the end to one session, or make a second pair.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback of a sink threw, or returned a promise that rejected, so its end was aborted; the error itself went to uncaughtException.',
    fix: 'Catch inside the callback; cause holds what was thrown.',
  },
  CONNECT_TIMEOUT: {
    happened: 'No answer came from the simulated host in time.',
    fix: 'Expected while the way is held or the host has no power. Otherwise give more time than a round trip takes.',
  },
  CONNECTION_REFUSED: {
    happened: 'Nothing accepts connections at the address in the simulated network.',
    fix: 'Make the host, start its process and let a server listen there before a client connects.',
  },
  CONNECTION_RESET: {
    happened:
      'The connection in memory was reset: its other end was aborted or killed, or the test cut it. What is on its way is lost.',
    fix: 'Expected when a test does that. Otherwise look at why the other side aborted instead of ending.',
  },
  INVALID_OPTION: {
    happened:
      'An option of a pair, a clock, a simulated network or a test client is unknown or out of its range.',
    fix: 'The text names the option and the range.',
  },
  NEVER_IDLE: {
    happened: 'Virtual time ran to the limit of runUntilIdle() and timers were still being set.',
    fix: 'Close what re-arms its timer (heartbeats do, while a session is open), or use advance().',
  },
  NOT_QUIET: {
    happened: 'A test ended with live timers or with bytes or streams left over.',
    fix: 'Close sessions, clients and servers before assertQuiet(); the text lists what is left.',
  },
  SERVER_FAILED: {
    happened: 'Something failed in the server of a test client, and no call told of it.',
    fix: 'The cause is what was thrown. A test that expects it takes it with $takeFailures() before it closes the client.',
  },
  STUCK: {
    happened: 'until() waits for a promise that nothing can settle: no timer is left and no task is queued.',
    fix: 'Something is never going to happen: a reply that is not sent, a stream that is paused.',
  },
  WRONG_HOST_STATE: {
    happened: 'A simulated host was asked for something that its state does not allow.',
    fix: 'Look at host.state: start() a host that is stopped, resume() one that is suspended.',
  },
} as const

export type TestingErrorCode = keyof typeof testingErrorCodes
