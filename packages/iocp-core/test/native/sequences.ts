/** Every sequence of up to `length` events. */
export function* everySequence<Event>(events: readonly Event[], length: number): Generator<readonly Event[]> {
  yield []
  if (length === 0) return
  for (const event of events) {
    for (const rest of everySequence(events, length - 1)) yield [event, ...rest]
  }
}
