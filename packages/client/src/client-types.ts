/// <reference lib="esnext.disposable" />
import type {
  Contract,
  ContractEvent,
  ErrorData,
  Metadata,
  PayloadOf,
  Procedure,
  ProcedureGroup,
  ReceivedType,
  RpcError,
  Schema,
  SentType,
  SessionCloseReason,
  StandardRpcCode,
} from '@frameport/protocol'
import type { OwnFailure, ProcedureMark, TopicArguments } from '@frameport/protocol/contract'
import type { ServerDifference } from './server-difference.ts'

/** What every call takes beside its input. */
export interface CallOptions {
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED, on both sides. Default: the client's own. */
  readonly deadlineMs?: number | undefined
  /** False: the call goes on although the one has ended in whose handler it is made. Default: the client's own. */
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
   * from 1 to 2^53 − 1. Default: `streamWindowItems` of the client's limits.
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
 * slowly makes it wait. It throws an RpcError only; a second loop over a stream that is over throws ClientError
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

/**
 * `[topic, listener]`, or `[listener]` for an event without topic. Of each event by itself: for a name that there is not the
 * compiler takes all events, and says of the name what is wrong and not of the number of arguments.
 */
export type ListenArguments<E extends ContractEvent> = E extends ContractEvent
  ? [...topic: TopicArguments<E>, listener: (payload: PayloadOf<E>) => void]
  : never

/** Whereabouts and state of a client's connection. */
export interface ClientConnection {
  readonly state: 'connecting' | 'open' | 'draining' | 'closed'
  /** Where the server is: `tcp://127.0.0.1:5500`. */
  readonly remoteEndpoint: string
  /**
   * Settles when the handshake is done; rejects with an RpcError when it cannot be, and with UNIMPLEMENTED when the server has
   * other versions of the contract only: the text says which.
   */
  opened(): Promise<void>
  /** Settles, never rejects, once the connection is gone. */
  closed(): Promise<SessionCloseReason>
  /**
   * In what the server's contract is not that of this client. Nothing when both announced the same. `undefined` when that is not
   * known: the server did not announce the contract, or does not describe it, or there is no connection. Settles when the
   * server has answered, never rejects.
   */
  differences(): Promise<readonly ServerDifference[] | undefined>
}

/**
 * Ends a registration of `$on`. `subscribed` settles when the server sends the events of the topic to this client, and
 * rejects with an RpcError when it does not. Where handlers of the server subscribe clients it settles at once. `using` and
 * `await using` end the registration as well.
 */
export type Listening = (() => void) & {
  readonly subscribed: Promise<void>
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * What is not a procedure. Names that begin with `$` cannot be taken by a contract. No interface: editors would show
 * the types of all events in front of each member.
 */
export type ClientControls<Events extends { readonly [Name in keyof Events]: ContractEvent }> = {
  /**
   * Calls `listener` for each event of this topic that the server sends. Returns what ends it.
   *
   * An event with `subscribe: 'clients'` is subscribed to at the server by the first listener on a topic, and given back
   * with the last. Of any other event it listens only: a handler of the server has to subscribe this client.
   *
   * Throws ClientError `UNKNOWN_EVENT`, `INVALID_OPTION` for arguments that do not fit the event; ProtocolError `INVALID_TOPIC`.
   *
   * ```ts
   * const stop = client.$on('line', { room: 'lobby' }, (line) => show(line))
   * await stop.subscribed
   * ```
   */
  $on<Name extends keyof Events & string>(
    name: Name,
    ...topicAndListener: ListenArguments<Events[Name]>
  ): Listening
  readonly $connection: ClientConnection
  /** Ends the connection; open calls get `graceMs` to finish. Settles when it is closed. Idempotent; a grace that ends earlier counts. */
  $close(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** As `$close()`: `await using client = createClient(…)`. */
  [Symbol.asyncDispose](): Promise<void>
  /** Takes `$unref()` back. */
  $ref(): void
  /**
   * Lets the process end although this client is open, as `unref` of a socket does: also while a call is awaited. Other
   * clients that share its port are not touched. An attempt to connect holds the process until it has settled, at most
   * `connectTimeoutMs`. It does nothing for a connection without `ref` and `unref`, such as one in memory.
   */
  $unref(): void
}

/** The client of contract `C`: `Client<typeof chat>`. */
export type Client<C extends Contract> = ClientProcedures<C['procedures']> & ClientControls<C['events']>

/** What {@link safe} settles with. Its error is a `Failure<Data>`, in words that an editor shows. */
export type SafeResult<Output, Data extends ErrorData> =
  | { readonly ok: true; readonly data: Output; readonly error?: undefined }
  | {
      readonly ok: false
      readonly error: OwnFailure<Data> | RpcError<StandardRpcCode>
      readonly data?: undefined
    }
