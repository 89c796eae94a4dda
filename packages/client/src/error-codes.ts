/** Every code of a {@link ClientError}: what happened, and what to do. docs/errors.md is generated from this table. */
export const clientErrorCodes = {
  INVALID_LIMITS: {
    happened: 'A limit of the client is unknown, or is not a whole number in its range.',
    fix: 'The message names the limit. README.md lists all limits and their defaults.',
  },
  INVALID_OPTION: {
    happened:
      'An option of the client or of one of its methods is unknown or invalid, or a listener is not a function.',
    fix: 'The message names the option and the expected value. README.md lists all options.',
  },
  INVALID_TARGET: {
    happened: 'This build cannot connect to that target.',
    fix: "In Node.js, give an address ('tcp://HOST:PORT'), an endpoint, a connector, a ByteStream or a FrameChannel. In a browser, give 'wss://HOST/PATH' or one of the last three.",
  },
  UNKNOWN_EVENT: {
    happened: 'The contract has no event of this name.',
    fix: 'Use a name from contract.events.',
  },
} as const

/** A stable code of a {@link ClientError}. */
export type ClientErrorCode = keyof typeof clientErrorCodes
