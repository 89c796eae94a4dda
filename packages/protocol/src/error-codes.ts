/** Every code of {@link ProtocolError}: what happened and what to do. docs/errors.md is generated from it. */
export const protocolErrorCodes = {
  MALFORMED_ENVELOPE: {
    happened:
      'A frame does not hold a well-formed envelope: cut short, bytes left over, a reserved flag, an overlong or too large number, invalid UTF-8, or a count over its limit.',
    fix: 'The peer speaks something else or is broken. Compare its bytes with docs/wire-protocol.md; the error text names the field and its offset.',
  },
  UNKNOWN_KIND: {
    happened: 'An envelope has a kind below 0x80 that this version does not know.',
    fix: 'Upgrade the older side, or have the newer one negotiate a lower version: a kind below 0x80 may only be sent when the negotiated version defines it.',
  },
  INVALID_FIELD: {
    happened:
      'A field given to the envelope encoder, or to an RpcError, cannot be sent: not a safe non-negative integer, no number of milliseconds, no text, text with lone surrogates, an empty name, or over its limit.',
    fix: 'Correct the value that the error text names before it is sent.',
  },
  INVALID_BODY: {
    happened: 'A body is not valid in the negotiated codec, or a value cannot be expressed in it.',
    fix: 'The text has the path of what JSON cannot carry (dates, NaN, bigint, maps, sets, bytes, functions, undefined in arrays) and what to send instead; bytes travel as raw bodies. From a peer: RFC 8259 JSON in UTF-8.',
  },
  INVALID_LIMITS: {
    happened:
      'The limits given to a session are unknown, contradict each other or are not whole numbers in their ranges, a duration is no number of milliseconds, or a fixed limit is over what the wire allows.',
    fix: 'Keep bodyBytesMax at least headerBytesReserved below frameBytesMax and every limit a whole number in its range: from 1 on, or from 0 on where the text says so.',
  },
  INVALID_OPTION: {
    happened:
      'An option of a session, its channel, the argument of safe(), of next() in a middleware, of an RpcError or of an error constructor, is unknown, missing or of a wrong kind. Nothing was started.',
    fix: 'The text names the option and what it takes; SessionOptions describes those of a session.',
  },
  STREAM_READ_TWICE: {
    happened: 'A stream gives its items once, and a loop that was left before the end has ended it.',
    fix: 'Call the procedure again for another stream, or keep the items of the first loop in an array.',
  },
  INVALID_OUTPUT: {
    happened: 'What a handler gave, or the data of a failure that it threw, does not fit its schema.',
    fix: 'Give what the contract says. The issues are in cause.',
  },
  INVALID_CONTRACT: {
    happened:
      'A contract, or the implementation of one, cannot be used: a bad name, a name twice, a missing handler, a schema without the Standard Schema interface.',
    fix: 'Correct the entry that the error text names where the contract or its handlers are written.',
  },
  INVALID_TOPIC: {
    happened:
      "An event's topic does not fit its schema, cannot be compared by value, is too long, is missing, or was given for an event without topics.",
    fix: 'Give what the schema of the topic says, as short plain JSON: strings, finite numbers, booleans, null, arrays and plain objects.',
  },
} as const

/** A stable code of {@link ProtocolError}. */
export type ProtocolErrorCode = keyof typeof protocolErrorCodes
