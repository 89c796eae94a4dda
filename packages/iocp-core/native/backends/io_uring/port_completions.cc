// Incoming events: entries of the completion queue become completions of operations.

#include <errno.h>
#include <poll.h>

#include "../../base/check.h"
#include "operations.h"
#include "port.h"

namespace frameport::io_uring {

namespace {

// The kernel does about 20 pieces of deferred work in a call: this many calls are more than a batch.
constexpr int kRoundsMax = 32;

}  // namespace

size_t RingPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  ring_.check_owner();
  wake();
  if (must_break()) break_down();
  Gathering gathering{completions, capacity};
  take_ended(gathering);
  take_held(gathering);
  submit_receives_without_buffer();
  take_queue(gathering);
  for (int round = 0; round < kRoundsMax && !gathering.is_full() && ring_.ready() == 0; round++) {
    write_entries();
    if (ring_.queued() == 0 && !ring_.is_due()) break;
    ring_.enter(true);
    // After a lost completion the positions of received bytes are unknown: the next wait fails all operations.
    if (must_break()) break;
    take_queue(gathering);
    // Without a buffer, the deferred work of receives could only fail.
    if (buffers_.available() == 0) break;
  }
  take_ended(gathering);
  look_for_hang_ups(gathering);
  return gathering.count;
}

void RingPort::look_for_hang_ups(const Gathering& gathering) {
  nfds_t count = 0;
  for (size_t index = 0; index < gathering.count; index++) {
    Operation& operation = *gathering.completions[index].operation;
    // An operation that ended in this batch has nothing to miss.
    const bool may_miss = operation.state<OperationState>() == OperationState::receiving;
    // Completions of one operation usually follow each other; looking at one twice does no harm.
    if (!may_miss || (count > 0 && looked_at_for_[count - 1] == &operation)) continue;
    looked_at_[count] = {static_cast<int>(operation.socket->handle), POLLRDHUP, 0};
    looked_at_for_[count] = &operation;
    if (++count == kLooksMax) count = look(count);
  }
  look(count);
}

nfds_t RingPort::look(nfds_t count) {
  const int hung_up = count == 0 ? 0 : poll(looked_at_, count, 0);
  // Without an answer (a signal may interrupt even a call that does not wait) all of them are submitted again, which is
  // always correct, and checked again, because nothing is known about them.
  for (nfds_t index = 0; index < count && hung_up != 0; index++) {
    Operation& operation = *looked_at_for_[index];
    if (hung_up > 0 && looked_at_[index].revents == 0) continue;
    // If it was listed twice, its state has changed already.
    if (operation.state<OperationState>() != OperationState::receiving) continue;
    operation.socket->hung_up = hung_up > 0;
    move(operation, {OperationState::receiving}, OperationState::to_rearm);
  }
  return 0;
}

void RingPort::take_queue(Gathering& gathering) {
  const uint32_t ready = ring_.ready();
  uint32_t taken = 0;
  while (taken < ready && !gathering.is_full() && take_entry(ring_.completion(taken), gathering)) taken++;
  ring_.advance(taken);
}

bool RingPort::take_entry(const CompletionEntry& entry, Gathering& gathering) {
  if (entry.user_data == kNobody) return true;
  Operation& operation = *reinterpret_cast<Operation*>(entry.user_data);
  if (operation.kind == OperationKind::accept) {
    // Those of one listener keep their order, up to the last, which ends the operation.
    const bool has_turn = operation.socket->held_accepts == 0 && gathering.turns.take(*operation.socket);
    if (!has_turn) return hold(entry, operation);
  }
  take_completion(entry, gathering);
  return true;
}

bool RingPort::hold(const CompletionEntry& entry, Operation& accept) {
  if (!held_.push(entry, *accept.socket)) return false;
  const bool is_armed = accept.state<OperationState>() == OperationState::armed;
  // The rest of a storm stays in the backlog. Connections that the kernel accepted in between come before the entry of
  // the end, which causes the operation to be submitted again.
  if (is_armed && accept.socket->held_accepts >= HeldAccepts::kOfListenerMax) {
    move(accept, {OperationState::armed}, OperationState::to_rearm);
  }
  return true;
}

void RingPort::take_held(Gathering& gathering) {
  // One round: the entries that exceed the share of this wait stay, in their order.
  for (uint32_t left = held_.count(); left > 0; left--) {
    const CompletionEntry entry = held_.pop();
    Socket& listener = *reinterpret_cast<Operation*>(entry.user_data)->socket;
    if (!gathering.is_full() && gathering.turns.take(listener)) {
      take_completion(entry, gathering);
    } else {
      held_.push(entry, listener);
    }
  }
}

void RingPort::take_completion(const CompletionEntry& entry, Gathering& gathering) {
  Operation& operation = *reinterpret_cast<Operation*>(entry.user_data);
  check(is_in_kernel(operation.state<OperationState>()), "the kernel completes what it was given and has not ended");
  Completion& completion = gathering.completions[gathering.count];
  completion = Completion{};
  completion.operation = &operation;
  EntryOutcome outcome{Next::over, true};
  switch (operation.kind) {
    case OperationKind::accept:
      outcome = take_accept(entry, completion);
      break;
    case OperationKind::connect:
      outcome = take_connect(entry, completion);
      break;
    case OperationKind::receive:
      outcome = take_receive(entry, buffers_, completion);
      break;
    case OperationKind::send:
      outcome = take_send(entry, completion);
      break;
    case OperationKind::shutdown:
      check(false, "a shutdown is done at once");
  }
  if (outcome.completes) gathering.count++;
  settle(operation, outcome.next, completion.length > 0);
}

void RingPort::settle(Operation& operation, Next next, bool brought_bytes) {
  const auto state = operation.state<OperationState>();
  if (next == Next::in_kernel) {
    if (brought_bytes && state == OperationState::armed) {
      move(operation, {OperationState::armed}, OperationState::receiving);
    }
    return;
  }
  // The kernel has released it. A cancel in progress finds nothing, and a cancel that was not sent is dropped.
  const auto in_kernel = {OperationState::armed,    OperationState::receiving, OperationState::to_rearm,
                          OperationState::rearming, OperationState::to_cancel, OperationState::cancelling};
  if (next == Next::over) return move(operation, in_kernel, OperationState::idle);
  const bool is_cancelled = state == OperationState::to_cancel || state == OperationState::cancelling;
  if (is_cancelled) return end_later(operation, ECANCELED);
  if (next == Next::submit_again) return move(operation, in_kernel, OperationState::to_submit);
  move(operation, in_kernel,
       state == OperationState::armed ? OperationState::without_buffer : OperationState::without_next_buffer);
}

void RingPort::take_ended(Gathering& gathering) {
  while (!gathering.is_full() && !ended_.is_empty()) {
    Operation& operation = *ended_.first();
    move(operation, {OperationState::ended}, OperationState::idle);
    Completion& completion = gathering.completions[gathering.count++];
    completion = Completion{};
    completion.operation = &operation;
    completion.status = operation.end_status;
  }
}

void RingPort::submit_receives_without_buffer() {
  // Submits as many as the buffers may have room for: most of the others would fail again. Receives that already got
  // bytes come after those that got none, so that each makes progress.
  for (uint32_t room = buffers_.receives_expected(); room > 0; room--) {
    Operation* operation = without_buffer_.first();
    if (operation == nullptr) operation = without_next_buffer_.first();
    if (operation == nullptr) return;
    move(*operation, {OperationState::without_buffer, OperationState::without_next_buffer}, OperationState::to_submit);
  }
}

}  // namespace frameport::io_uring
