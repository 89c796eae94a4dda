/** What the runner and a program tell each other over the channel that Node.js opens between parent and child. */

export type Question =
  /** Client: do what is not counted. */
  | { readonly ask: 'warm up' }
  /** Client: work for this long. */
  | { readonly ask: 'run'; readonly ms: number }
  /** Client: do the steps in which costs are counted. */
  | { readonly ask: 'count' }
  /** Collect garbage; needs --expose-gc. */
  | { readonly ask: 'collect' }
  | { readonly ask: 'heap' }

export interface WorkDone {
  readonly units: number
  readonly elapsedMs: number
}

export interface HeapState {
  /** In the heap and in the memory of buffers. */
  readonly usedBytes: number
  /** Since the program began. */
  readonly collections: number
}

export type Unit = 'call' | 'item' | 'delivery'

/** A server says its port, a client what it counts. */
export interface Ready {
  readonly unit?: Unit
  readonly port?: number
  readonly backend?: string
}
