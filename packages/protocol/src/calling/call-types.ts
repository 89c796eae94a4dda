/// <reference lib="esnext.disposable" />
import type { ErrorData, OwnFailure } from '../contract/failures.ts'
import type { Procedure, ProcedureGroup, ProcedureMark } from '../contract/procedure.ts'
import type { ReceivedType, Schema, SentType } from '../contract/schema.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { RpcError, StandardRpcCode } from '../rpc-error.ts'

/** Options that every call takes after its input. */
export interface CallOptions {
  /**
   * Milliseconds until the call fails with DEADLINE_EXCEEDED and the signal of its handler is aborted. `Infinity`
   * means no deadline of its own. Default: the deadline of the client, or of the option `clientCalls` of a server.
   */
  readonly deadlineMs?: number | undefined
  /**
   * Whether a call that is made inside a handler must also end by the deadline of the call that is being handled.
   * `false` ignores that deadline. Default: `true`, where the platform can tell in whose handler a call is made
   * (`AsyncLocalStorage`).
   */
  readonly inheritDeadline?: boolean | undefined
  /** Aborting it fails the call with CANCELLED and aborts the signal of its handler. */
  readonly signal?: AbortSignal | undefined
  /** Pairs of strings that are sent with the call. The handler reads them as `metadata`. Default: none. */
  readonly metadata?: Metadata | undefined
}

/** Options of a call that sends items. */
export interface UploadCallOptions extends CallOptions {
  /** Called after each item that was handed to the connection. An error that it throws goes to `onUncaught`. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/** The progress of an upload. */
export interface UploadProgress {
  /** The number of items that were handed to the connection. */
  readonly items: number
  /** The bytes of those items if the contract declares `bytes()`; 0 for other values. */
  readonly bytes: number
}

/**
 * A source of items that can be read once: an iterable or a web stream. A stream of Node.js is an `AsyncIterable`.
 */
export type UploadStream<Item> = Iterable<Item> | AsyncIterable<Item> | ReadableStream<Item>

/**
 * The items that a call sends. The call reads the source as fast as the server grants credit, and ends it when the
 * call ends. A function is called when the call is made, and again for each attempt; its `signal` is aborted when the
 * source is not read any more.
 *
 * @example
 * await client.upload({ name: 'a.txt' }, createReadStream('a.txt'))
 * await client.upload({ name: 'a.txt' }, () => createReadStream('a.txt')) // can be repeated
 */
export type UploadSource<Item> =
  | (Item extends Uint8Array ? UploadStream<Item> | Item | Blob : UploadStream<Item>)
  | ((options: {
      readonly signal: AbortSignal
    }) => Item extends Uint8Array ? UploadStream<Item> | Item | Blob : UploadStream<Item>)

/** Options of a call that receives items. */
export interface StreamCallOptions extends CallOptions {
  /**
   * How many items the server may be ahead of the loop that reads them, including the item that the loop is working
   * on. An integer from 1 to 2^53 − 1. With 1 the server sends an item only when the loop asks for it, which costs a
   * round trip for each item. Default: 16 at first, doubled whenever the loop had to wait, up to `streamWindowItems`
   * of the limits of the client.
   */
  readonly windowItems?: number | undefined
  /**
   * How many bytes the server may be ahead of the loop that reads the items. An item may begin while any of them are
   * left. An integer from 1 to 2^53 − 1. Default: `streamWindowBytes` of the limits of the client.
   */
  readonly windowBytes?: number | undefined
}

/**
 * The promise of a call. It rejects only with an RpcError. `Data` maps the procedure's own error codes to the types
 * of their data; `safe` and `isErrorOf` make them visible.
 */
export interface CallPromise<Output, Data extends ErrorData> extends Promise<Output> {
  /** Exists only for the compiler. */
  readonly '~errors'?: Data
}

/**
 * The items of a stream call, to be read once with `for await`. Leaving the loop cancels the call, and reading slowly
 * makes the server wait. The loop throws only an RpcError; a second loop over a stream that has ended throws
 * ProtocolError `STREAM_READ_TWICE`.
 *
 * @example
 * for await (const line of client.watch({ room: 'lobby' })) console.log(line)
 */
export interface CallStream<Item, Data extends ErrorData> extends AsyncIterableIterator<Item, undefined> {
  /**
   * Settles when the handler has started: a generator has then run up to its first `await` or `yield`, so that the
   * stream misses nothing that happens afterwards. It makes the call if nothing was read yet, and reads no item. It
   * settles at once for a stream that has given an item or has ended, and with the first item if the server does not
   * support the question.
   *
   * Rejects with the RpcError of a call that failed before, and with CANCELLED if the stream was closed before.
   *
   * @example
   * const changes = client.watch({ key })
   * await changes.started()
   * await client.put({ key, value }) // the loop that reads `changes` sees this change
   */
  started(): Promise<void>
  /** Cancels the call. Does not wait for the server. Can be called more than once. */
  return(): Promise<IteratorResult<Item, undefined>>
  /** The same as `return()`, for `await using stream = client.stream()`. */
  [Symbol.asyncDispose](): Promise<void>
  /** Returns the stream itself. */
  [Symbol.asyncIterator](): CallStream<Item, Data>
  /** Exists only for the compiler. */
  readonly '~errors'?: Data
}

/**
 * The type of the function for a procedure with an upload. The source of the items follows the input, if the
 * procedure has one.
 */
export type UploadFunction<
  Input extends Schema | undefined,
  Item,
  Result,
  Options extends CallOptions = UploadCallOptions,
> = Input extends Schema
  ? (input: SentType<Input>, upload: UploadSource<Item>, options?: Options) => Result
  : (upload: UploadSource<Item>, options?: Options) => Result

/**
 * The type of the function for a procedure without an upload. It has an input argument only if the procedure has an
 * input.
 */
export type CallFunction<
  Input extends Schema | undefined,
  Result,
  Options extends CallOptions = CallOptions,
> = Input extends Schema
  ? undefined extends SentType<Input>
    ? (input?: SentType<Input>, options?: Options) => Result
    : (input: SentType<Input>, options?: Options) => Result
  : (options?: Options) => Result

/** The type of the function that a client has for procedure `P`. */
export type ClientCall<P> =
  P extends Procedure<infer Types>
    ? Types['upload'] extends Schema
      ? UploadFunction<
          Types['input'],
          SentType<Types['upload']>,
          Types['items'] extends Schema
            ? CallStream<
                ReceivedType<Types['items']>,
                { readonly [Code in keyof Types['errors']]: ReceivedType<Types['errors'][Code]> }
              >
            : CallPromise<
                Types['output'] extends Schema ? ReceivedType<Types['output']> : void,
                { readonly [Code in keyof Types['errors']]: ReceivedType<Types['errors'][Code]> }
              >,
          Types['items'] extends Schema ? StreamCallOptions & UploadCallOptions : UploadCallOptions
        >
      : Types['items'] extends Schema
        ? CallFunction<
            Types['input'],
            CallStream<
              ReceivedType<Types['items']>,
              { readonly [Code in keyof Types['errors']]: ReceivedType<Types['errors'][Code]> }
            >,
            StreamCallOptions
          >
        : CallFunction<
            Types['input'],
            CallPromise<
              Types['output'] extends Schema ? ReceivedType<Types['output']> : void,
              { readonly [Code in keyof Types['errors']]: ReceivedType<Types['errors'][Code]> }
            >
          >
    : never

/** The functions for a group of procedures, nested as in the contract. */
export type ClientProcedures<Group extends ProcedureGroup> = {
  readonly [Name in keyof Group]: Group[Name] extends ProcedureMark
    ? ClientCall<Group[Name]>
    : Group[Name] extends ProcedureGroup
      ? ClientProcedures<Group[Name]>
      : never
}

/** The value of a promise that `safe` returns: `{ ok: true, data }` or `{ ok: false, error }`. */
export type SafeResult<Output, Data extends ErrorData> =
  | {
      readonly ok: true
      /** The output of the call. */
      readonly data: Output
      /** Undefined: the call succeeded. */
      readonly error?: undefined
    }
  | {
      readonly ok: false
      /** The failure: one of the procedure's own errors, or one with a standard code. */
      readonly error: OwnFailure<Data> | RpcError<StandardRpcCode>
      /** Undefined: the call failed. */
      readonly data?: undefined
    }
