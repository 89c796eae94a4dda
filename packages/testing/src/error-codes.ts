/**
 * Every code of a {@link TestingError}: what happened, and what to do about it. `docs/errors.md` is generated from this
 * table.
 */
export const testingErrorCodes = {
  ADDRESS_IN_USE: {
    happened: 'Another listener already uses this port of the simulated host.',
    fix: 'Choose another port, or close the other listener. Killing a process frees its ports.',
  },
  ALREADY_STARTED: {
    happened: '`start()` was called twice on one end of an in-memory pair.',
    fix: 'Each end has one owner: give the end to one session, or make a second pair.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback of a sink threw, or returned a promise that rejected. Its end was aborted, and the error itself is reported as uncaught.',
    fix: 'Catch errors inside the callback. `cause` holds the error that it threw.',
  },
  CONNECT_TIMEOUT: {
    happened: 'The simulated host did not answer in time.',
    fix: 'This is expected while the way is held or the host has no power. Otherwise allow more time than a round trip takes.',
  },
  CONNECTION_REFUSED: {
    happened: 'No process accepts connections at the address in the simulated network.',
    fix: 'Make the host, start its process and let a server listen there before a client connects.',
  },
  CONNECTION_RESET: {
    happened:
      'The connection in memory was reset: its other end was aborted or killed, or the test cut it. Data on its way is lost.',
    fix: 'This is expected when a test does that. Otherwise find out why the other side aborted instead of ending.',
  },
  INVALID_OPTION: {
    happened:
      'An option of a pair, a clock, a simulated network or a test client is unknown or out of range.',
    fix: 'The message names the option and the range.',
  },
  NEVER_IDLE: {
    happened:
      '`runUntilIdle()` or `until()` reached its limit of virtual time or of timers, and timers were still left.',
    fix: 'Close whatever sets its timer again (heartbeats do, while a session is open), or use `advance()`.',
  },
  NOT_QUIET: {
    happened: 'A test ended with live timers, open streams or bytes that were not delivered.',
    fix: 'Close sessions, clients and servers before `assertQuiet()`. The message lists what is left.',
  },
  SERVER_FAILED: {
    happened: 'An operation failed in the server of a test client, and no call reported it.',
    fix: '`cause` holds the error. A test that expects it calls `$takeFailures()` before it closes the client.',
  },
  STUCK: {
    happened:
      '`until()` waits for a promise that nothing can settle: no timer is left and no task is queued.',
    fix: 'Find out what never happens: a reply that is not sent, a stream that is paused.',
  },
  WRONG_HOST_STATE: {
    happened: 'The state of the simulated host does not allow this operation.',
    fix: 'Check `host.state`: call `start()` for a host that is stopped, `resume()` for one that is suspended.',
  },
} as const

/** The stable code of a {@link TestingError}. */
export type TestingErrorCode = keyof typeof testingErrorCodes
