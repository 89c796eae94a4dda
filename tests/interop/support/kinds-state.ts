/** What the handlers of the contract `kinds` share, on whichever side they run. */
export class KindsState {
  /** Texts that `seen` got. */
  readonly seen: string[] = []
  /** The codes with which handlers were given up. */
  readonly givenUp: string[] = []
  release: () => void = () => undefined
  readonly released = new Promise<void>((resolve) => {
    this.release = resolve
  })
}

/** Settles when `signal` aborts: rejects with its reason, and keeps the code. */
export function givenUp(signal: AbortSignal, state: KindsState): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => {
      state.givenUp.push((signal.reason as { readonly code: string }).code)
      reject(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
