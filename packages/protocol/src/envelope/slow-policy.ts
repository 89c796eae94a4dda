/**
 * What happens to an event at a subscriber that does not keep up.
 *
 * - `block`: the event waits, and so does code that awaits its publication. It is left out if there is no room for
 *   it. If it has waited longer than `slowSubscriberMs` the subscriber is disconnected.
 * - `dropOldest`: the oldest waiting events make room, and events that wait too long are dropped. Publication does
 *   not wait, and the subscriber stays connected.
 * - `disconnect`: the subscriber gets every event or is disconnected. Publication does not wait.
 */
export type SlowPolicy = 'block' | 'dropOldest' | 'disconnect'
