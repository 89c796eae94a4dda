/** Tells the benchmark where the server listens, and collects garbage when asked to, before memory is read. */
export function announce(port: number): void {
  process.on('message', () => {
    // Twice: what a finalizer let go in the first pass is found by the second.
    globalThis.gc?.()
    globalThis.gc?.()
    process.send?.('collected')
  })
  process.stdout.write(`listening ${port}\n`)
}
