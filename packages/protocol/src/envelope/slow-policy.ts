/**
 * What becomes of an event for a subscriber that does not keep up.
 *
 * - `block`: it waits, and whoever awaits its publication waits, too. When there is no room it is left out. Once it has
 *   waited for longer than `slowSubscriberMs` the subscriber is disconnected.
 * - `dropOldest`: the oldest that wait make room, and those that wait too long are dropped. Nobody waits for it, and
 *   nobody is disconnected for it.
 * - `disconnect`: the subscriber gets all of them, or is disconnected. Nobody waits for it.
 */
export type SlowPolicy = 'block' | 'dropOldest' | 'disconnect'
