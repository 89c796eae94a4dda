/** What the runner and a program tell each other over the channel that Node.js opens between parent and child. */

export type Question =
  /** Client: work for this long. */
  | { readonly ask: 'run'; readonly ms: number }
  /** Client: do this many steps. */
  | { readonly ask: 'steps'; readonly steps: number }
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

export interface Ready {
  readonly port?: number
  readonly backend?: string
}
