/** The state that the handlers of the contract `kinds` share, on either side. */
export class KindsState {
  /** The texts that `seen` received. */
  readonly seen: string[] = []
  /** The codes with which handlers were aborted. */
  readonly givenUp: string[] = []
  release: () => void = () => undefined
  readonly released = new Promise<void>((resolve) => {
    this.release = resolve
  })
}

/** Rejects with the reason of `signal` when it aborts, and records the code. */
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
