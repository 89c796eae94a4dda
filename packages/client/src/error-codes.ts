/** Every code a {@link ClientError} can carry. docs/errors.md is made from this table. */
export const clientErrorCodes = {
  INVALID_LIMITS: {
    happened: 'A limit of the client is unknown, or is not a whole number in its range.',
    fix: 'The text names the limit; README.md lists all of them with their defaults.',
  },
  INVALID_OPTION: {
    happened:
      'An option of the client, or of one of its methods, is unknown or wrong, or a listener is no function.',
    fix: 'The text names the option and what was meant or expected; README.md lists all of them.',
  },
  INVALID_TARGET: {
    happened: 'What the client was told to connect to is nothing that this build of it can connect to.',
    fix: "In Node, give 'tcp://HOST:PORT', an endpoint, a connector, a ByteStream or a FrameChannel; in a browser one of the last three.",
  },
  UNKNOWN_EVENT: {
    happened: 'The contract has no event of this name.',
    fix: 'Use a name of contract.events.',
  },
} as const

export type ClientErrorCode = keyof typeof clientErrorCodes
