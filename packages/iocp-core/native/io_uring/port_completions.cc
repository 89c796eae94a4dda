// The way up: entries of the completion queue become completions of operations.

#include <errno.h>
#include <poll.h>

#include "../check.h"
#include "accept.h"
#include "connect.h"
#include "port.h"
#include "receive.h"
#include "send.h"

namespace frameport::io_uring {

namespace {

// The kernel does about 20 pieces of deferred work in a call: so many calls are more than a batch.
constexpr int kRoundsMax = 32;

}  // namespace

size_t RingPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  ring_.check_owner();
  wake();
  Gathering gathering{completions, capacity};
  take_ready(gathering);
  while (!gathering.is_full() && !held_.is_empty() && gathering.accepts < kAcceptsMax) {
    take_operation(held_.pop(), gathering);
  }
  arm_starved();
  take_queue(gathering);
  for (int round = 0; round < kRoundsMax && !gathering.is_full() && ring_.ready() == 0; round++) {
    prepare();
    if (ring_.queued() == 0 && !ring_.is_due()) break;
    ring_.enter(true);
    take_queue(gathering);
    // Without a buffer the deferred work of receives could only fail.
    if (buffers_.available() == 0) break;
  }
  take_ready(gathering);
  look_for_hang_ups(gathering);
  return gathering.count;
}

void RingPort::look_for_hang_ups(const Gathering& gathering) {
  nfds_t count = 0;
  for (size_t index = 0; index < gathering.count; index++) {
    Operation& operation = *gathering.completions[index].operation;
    // One armed by a receive that looks before it waits misses nothing.
    const bool looks_first = (operation.socket->interest & kHungUp) != 0;
    const bool goes_on = operation.kind == OperationKind::receive && operation.phase == kFed && !looks_first;
    // Several completions of one operation mostly follow each other; one looked at twice does no harm.
    if (!goes_on || (count > 0 && looked_at_for_[count - 1] == &operation)) continue;
    looked_at_[count] = {static_cast<int>(operation.socket->handle), POLLRDHUP, 0};
    looked_at_for_[count] = &operation;
    if (++count == kLooksMax) count = look(count);
  }
  look(count);
}

nfds_t RingPort::look(nfds_t count) {
  const int hung_up = count == 0 ? 0 : poll(looked_at_, count, 0);
  // Without an answer all of them are taken for hung up: arming anew is always right.
  for (nfds_t index = 0; index < count && hung_up != 0; index++) {
    Operation& operation = *looked_at_for_[index];
    if ((hung_up > 0 && looked_at_[index].revents == 0) || operation.phase != kFed) continue;
    operation.socket->interest |= kHungUp;
    operation.phase = kCancelling;
    waiting_.push(operation);
  }
  return 0;
}

void RingPort::take_queue(Gathering& gathering) {
  const uint32_t ready = ring_.ready();
  uint32_t taken = 0;
  while (taken < ready && !gathering.is_full() && take(ring_.completion(taken), gathering)) taken++;
  ring_.advance(taken);
}

bool RingPort::take(const CompletionEntry& entry, Gathering& gathering) {
  if (entry.user_data == kNobody) return true;
  const auto& operation = *reinterpret_cast<const Operation*>(entry.user_data);
  const bool must_wait = gathering.accepts == kAcceptsMax || !held_.is_empty();
  if (operation.kind == OperationKind::accept && must_wait) return held_.push(entry);
  take_operation(entry, gathering);
  return true;
}

void RingPort::take_operation(const CompletionEntry& entry, Gathering& gathering) {
  Operation& operation = *reinterpret_cast<Operation*>(entry.user_data);
  Completion& completion = gathering.completions[gathering.count];
  completion = Completion{};
  completion.operation = &operation;
  Taken taken{Next::over, true};
  switch (operation.kind) {
    case OperationKind::accept:
      taken = take_accept(entry, completion);
      gathering.accepts++;
      break;
    case OperationKind::connect:
      taken = take_connect(entry, completion);
      break;
    case OperationKind::receive:
      taken = take_receive(entry, buffers_, completion);
      break;
    case OperationKind::send:
      taken = take_send(entry, completion);
      break;
    case OperationKind::shutdown:
      check(false, "a shutdown is done at once");
  }
  if (taken.completes) gathering.count++;
  go_on(operation, taken.next, completion.length > 0);
}

void RingPort::go_on(Operation& operation, Next next, bool fed) {
  if (next == Next::goes_on) {
    if (fed && operation.phase == kInKernel) operation.phase = kFed;
    return;
  }
  // The kernel has let go of it, and a cancel that it has not seen would find nothing.
  if (operation.phase == kCancelling) waiting_.remove(operation);
  if (next == Next::over) return end(operation);
  if (operation.late_status == ECANCELED) return complete_later(operation);
  if (next == Next::again) {
    operation.phase = kWaiting;
    waiting_.push(operation);
    return;
  }
  (operation.phase == kFed ? starved_ : hungry_).push(operation);
  operation.phase = kStarved;
}

void RingPort::end(Operation& operation) {
  operation.set_in_flight(false);
  direction(operation) = nullptr;
}

void RingPort::complete_later(Operation& operation) {
  operation.phase = kComplete;
  ready_.push(operation);
}

void RingPort::take_ready(Gathering& gathering) {
  while (!gathering.is_full() && !ready_.is_empty()) {
    Operation& operation = *ready_.pop();
    Completion& completion = gathering.completions[gathering.count++];
    completion = Completion{};
    completion.operation = &operation;
    completion.status = operation.late_status;
    end(operation);
  }
}

void RingPort::arm_starved() {
  if (starved_cancelled_ > 0) {
    drop_cancelled(hungry_);
    drop_cancelled(starved_);
    starved_cancelled_ = 0;
  }
  // One for each buffer: all of them at once would mostly fail again. One that takes several buffers goes behind those
  // that have had nothing, so that everybody's turn comes.
  for (uint32_t room = buffers_.available(); room > 0; room--) {
    Operation* operation = hungry_.is_empty() ? starved_.pop() : hungry_.pop();
    if (operation == nullptr) return;
    operation->phase = kWaiting;
    waiting_.push(*operation);
  }
}

void RingPort::drop_cancelled(OperationList& starved) {
  OperationList kept;
  while (Operation* operation = starved.pop()) {
    if (operation->late_status == ECANCELED) {
      complete_later(*operation);
    } else {
      kept.push(*operation);
    }
  }
  starved = kept;
}

}  // namespace frameport::io_uring
