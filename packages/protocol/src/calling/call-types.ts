/// <reference lib="esnext.disposable" />
import type { ErrorData, OwnFailure } from '../contract/failures.ts'
import type { Procedure, ProcedureGroup, ProcedureMark } from '../contract/procedure.ts'
import type { ReceivedType, Schema, SentType } from '../contract/schema.ts'
import type { Metadata } from '../envelope/envelope-parts.ts'
import type { RpcError, StandardRpcCode } from '../rpc-error.ts'

/** What every call takes beside its input. */
export interface CallOptions {
  /**
   * Milliseconds until the call fails with DEADLINE_EXCEEDED, on both sides. Infinity: no deadline of its own. Default: that of
   * the client, or of the option `clientCalls` of a server.
   */
  readonly deadlineMs?: number | undefined
  /** False: the call goes on although the one has ended in whose handler it is made. Default: as for its deadline. */
  readonly inheritDeadline?: boolean | undefined
  /** Aborting it fails the call with CANCELLED and aborts the handler's signal. */
  readonly signal?: AbortSignal | undefined
  /** Small pairs of strings that the handler gets. */
  readonly metadata?: Metadata | undefined
}

/** What every call takes that sends items of its own. */
export interface UploadCallOptions extends CallOptions {
  /** Is told after each item that was handed to the connection. What it throws goes to `onUncaught`. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
}

/** How far an upload has come. */
export interface UploadProgress {
  /** Items that were handed to the connection. */
  readonly items: number
  /** Bytes of them, where the contract says `bytes()`; 0 for values. */
  readonly bytes: number
}

/** A source that is read once: an iterable, or a stream of the web. A stream of Node.js is an `AsyncIterable`. */
export type UploadStream<Item> = Iterable<Item> | AsyncIterable<Item> | ReadableStream<Item>

/**
 * What a call takes as its items. The call reads it as fast as the server grants, and ends it, whatever becomes of the call. A
 * function makes it when the call is made, for each try of an interceptor anew; its `signal` is aborted when nothing is read any more.
 */
export type UploadSource<Item> =
  | (Item extends Uint8Array ? UploadStream<Item> | Item | Blob : UploadStream<Item>)
  | ((options: {
      readonly signal: AbortSignal
    }) => Item extends Uint8Array ? UploadStream<Item> | Item | Blob : UploadStream<Item>)

/** What every stream takes beside its input. */
export interface StreamCallOptions extends CallOptions {
  /**
   * Items that the server may be ahead of the loop that reads them, the one that the loop works on included. 1: one at a
   * time, the generator makes an item when the loop asks for it, which costs the way there and back for each. A whole number
   * from 1 to 2^53 − 1. Default: 16 at first, and twice as many whenever the loop had to wait, up to `streamWindowItems` of the
   * client's limits.
   */
  readonly windowItems?: number | undefined
  /** The same in bytes; one item may begin while there is any left. Default: `streamWindowBytes` of the client's limits. */
  readonly windowBytes?: number | undefined
}

/**
 * The promise of a call. `Data` has the procedure's own error codes and the data of each; {@link safe} makes
 * them visible. It rejects with an RpcError only.
 */
export interface CallPromise<Output, Data extends ErrorData> extends Promise<Output> {
  /** Only for the compiler. */
  readonly '~errors'?: Data
}

/**
 * The items of a stream call, to be read once with `for await`. Leaving the loop stops the producer; reading
 * slowly makes it wait. It throws an RpcError only; a second loop over a stream that is over throws ProtocolError
 * `STREAM_READ_TWICE`.
 */
export interface CallStream<Item, Data extends ErrorData> extends AsyncIterableIterator<Item, undefined> {
  /**
   * Settles when the handler has begun: what a generator does before its first `await` or `yield` is done, so that nothing
   * which happens from then on is missed by what it listens to. Makes the call if nobody has read yet, and reads no item.
   * A stream that has given an item, or has ended, has begun. Against a server that does not know the question it
   * settles with the first item.
   *
   * ```ts
   * const changes = client.watch({ key })
   * await changes.started()
   * await client.put({ key, value }) // seen by the loop that reads `changes` later
   * ```
   *
   * Rejects with the RpcError of a call that failed before, and with CANCELLED when the stream was left before.
   */
  started(): Promise<void>
  /** Cancels the call. Never waits for the server. Idempotent. */
  return(): Promise<IteratorResult<Item, undefined>>
  /** As `return()`: `await using stream = client.stream()`. */
  [Symbol.asyncDispose](): Promise<void>
  [Symbol.asyncIterator](): CallStream<Item, Data>
  /** Only for the compiler. */
  readonly '~errors'?: Data
}

/** The function for a procedure whose callers send items: they come behind the input. */
export type UploadFunction<
  Input extends Schema | undefined,
  Item,
  Result,
  Options extends CallOptions = UploadCallOptions,
> = Input extends Schema
  ? (input: SentType<Input>, upload: UploadSource<Item>, options?: Options) => Result
  : (upload: UploadSource<Item>, options?: Options) => Result

/** The function for a procedure with this input schema: no input argument at all when it takes none. */
export type CallFunction<
  Input extends Schema | undefined,
  Result,
  Options extends CallOptions = CallOptions,
> = Input extends Schema
  ? undefined extends SentType<Input>
    ? (input?: SentType<Input>, options?: Options) => Result
    : (input: SentType<Input>, options?: Options) => Result
  : (options?: Options) => Result

/** What a client has for procedure `P`. */
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

/** The procedures of a group as functions, nested as in the contract. */
export type ClientProcedures<Group extends ProcedureGroup> = {
  readonly [Name in keyof Group]: Group[Name] extends ProcedureMark
    ? ClientCall<Group[Name]>
    : Group[Name] extends ProcedureGroup
      ? ClientProcedures<Group[Name]>
      : never
}

/** What {@link safe} settles with. Its error is a `Failure<Data>`, in words that an editor shows. */
export type SafeResult<Output, Data extends ErrorData> =
  | { readonly ok: true; readonly data: Output; readonly error?: undefined }
  | {
      readonly ok: false
      readonly error: OwnFailure<Data> | RpcError<StandardRpcCode>
      readonly data?: undefined
    }
