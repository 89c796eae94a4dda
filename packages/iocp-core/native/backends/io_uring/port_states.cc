// The states of operations, and the shutdown of all of them.

#include <unistd.h>

#include "../../base/check.h"
#include "port.h"

namespace frameport::io_uring {

OperationList* RingPort::list_of(OperationState state) {
  switch (state) {
    case OperationState::idle:
      return nullptr;
    case OperationState::to_submit:
      return &to_submit_;
    case OperationState::armed:
    case OperationState::receiving:
    case OperationState::rearming:
    case OperationState::cancelling:
      return &in_kernel_;
    case OperationState::to_rearm:
    case OperationState::to_cancel:
      return &to_end_;
    case OperationState::without_buffer:
      return &without_buffer_;
    case OperationState::without_next_buffer:
      return &without_next_buffer_;
    case OperationState::ended:
      return &ended_;
  }
  check(false, "every state of an operation is known");
  return nullptr;
}

void RingPort::move(Operation& operation, std::initializer_list<OperationState> from, OperationState to) {
  const auto was = operation.state<OperationState>();
  operation.move(from, to);
  if (was == OperationState::idle) {
    check(operation.direction() == nullptr, "one operation in flight for each direction of a socket");
    operation.direction() = &operation;
  }
  OperationList* const left = list_of(was);
  OperationList* const entered = list_of(to);
  // Between two states of the same list it keeps its place.
  if (left != entered) {
    if (left != nullptr) left->remove(operation);
    if (entered != nullptr) entered->push(operation);
  }
  if (to == OperationState::idle) operation.direction() = nullptr;
}

void RingPort::end_later(Operation& operation, int32_t status) {
  operation.end_status = status;
  move(operation,
       {OperationState::to_submit, OperationState::without_buffer, OperationState::without_next_buffer,
        OperationState::armed, OperationState::receiving, OperationState::to_rearm, OperationState::rearming,
        OperationState::to_cancel, OperationState::cancelling},
       OperationState::ended);
}

void RingPort::break_down() {
  broken_ = true;
  // From now on no receive finds a buffer.
  buffers_.close(ring_);
  // Twice, because a request that was between two waits the first time is found the second time. Rule 1: afterwards the
  // kernel holds nothing of any operation.
  for (int round = 0; round < 2; round++) {
    ring_.cancel_all();
    do {
      ring_.enter(true);
      discard_completions();
    } while (ring_.is_due());
  }
  for (uint32_t left = held_.count(); left > 0; left--) {
    const CompletionEntry entry = held_.pop();
    if (entry.result >= 0) ::close(entry.result);
  }
  for (OperationList* list : {&to_submit_, &to_end_, &in_kernel_, &without_buffer_, &without_next_buffer_}) {
    while (Operation* operation = list->first()) end_later(*operation, kBrokenStatus);
  }
}

void RingPort::discard_completions() {
  const uint32_t ready = ring_.ready();
  for (uint32_t index = 0; index < ready; index++) {
    const CompletionEntry& entry = ring_.completion(index);
    if (entry.user_data == kNobody || entry.result < 0) continue;
    const auto& operation = *reinterpret_cast<const Operation*>(entry.user_data);
    if (operation.kind == OperationKind::accept) ::close(entry.result);
  }
  ring_.advance(ready);
}

}  // namespace frameport::io_uring
