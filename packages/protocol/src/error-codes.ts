/** Every code of `ProtocolError`, with what happened and what to do. docs/errors.md is generated from it. */
export const protocolErrorCodes = {
  MALFORMED_ENVELOPE: {
    happened:
      'A frame does not contain a well-formed envelope. It may be cut short or have bytes left over, a reserved flag, a number that is too large or not in its shortest form, invalid UTF-8, or a count over its limit.',
    fix: 'The peer does not follow the wire protocol. The text of the error names the field and its offset: compare the bytes with docs/wire-protocol.md.',
  },
  UNKNOWN_KIND: {
    happened: 'An envelope has a kind below 0x80 that this version of the protocol does not define.',
    fix: 'A side may only send a kind below 0x80 that the negotiated version defines. Upgrade the older side, or let the newer side negotiate a lower version.',
  },
  INVALID_FIELD: {
    happened:
      'A field that was given to the envelope encoder or to an RpcError cannot be sent. It is not a safe non-negative integer, a number of milliseconds or a string, it has lone surrogates, it is an empty name, or it is over its limit.',
    fix: 'Correct the value that the text of the error names.',
  },
  INVALID_BODY: {
    happened: 'A body is not valid in the negotiated codec, or a value cannot be expressed in it.',
    fix: 'The text gives the path of the value that JSON cannot carry (dates, NaN, bigint, maps, sets, bytes, functions, undefined in arrays) and says what to send instead; declare bytes as a raw body. A peer must send JSON (RFC 8259) in UTF-8.',
  },
  INVALID_LIMITS: {
    happened:
      'A limit of a session is unknown, is not an integer in its range, contradicts another limit, or is over what the wire protocol allows; or a duration is not a number of milliseconds.',
    fix: 'Correct the limit that the text names. Every limit is a positive integer, or a non-negative one where the text says so.',
  },
  INVALID_OPTION: {
    happened:
      'An option of a session, its channel, or an argument of safe(), of next() in a middleware, of an RpcError or of an error constructor is unknown, missing or has the wrong type. Nothing was started.',
    fix: 'The text names the option and the type that it takes. SessionOptions describes the options of a session.',
  },
  STREAM_READ_TWICE: {
    happened:
      'A stream was read a second time. It gives its items once, and leaving a loop before the end ends it.',
    fix: 'Call the procedure again to get another stream, or keep the items of the first loop in an array.',
  },
  INVALID_OUTPUT: {
    happened: 'The output of a handler, or the data of a failure that it threw, does not match its schema.',
    fix: 'Return what the contract declares. The issues are in `cause`.',
  },
  INVALID_CONTRACT: {
    happened:
      'A contract or its implementation cannot be used. It has an invalid or duplicate name, a missing handler, or a schema without the Standard Schema interface.',
    fix: 'Correct the entry that the text of the error names, in the contract or in its handlers.',
  },
  INVALID_TOPIC: {
    happened:
      'The topic of an event does not match its schema, cannot be compared by value, is too long or is missing, or the event has no topics.',
    fix: 'Give a topic that matches its schema, as short plain JSON: strings, finite numbers, booleans, null, arrays and plain objects.',
  },
} as const

/** A stable code of `ProtocolError`: a key of {@link protocolErrorCodes}. */
export type ProtocolErrorCode = keyof typeof protocolErrorCodes
