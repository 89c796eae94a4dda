// Incoming events: packets become completions of operations.

#include <errno.h>

#include "../../base/check.h"
#include "../../os/windows/system_status.h"
#include "operations.h"
#include "port.h"

namespace frameport::iocp {

void IocpPort::end_later(Operation& operation, int32_t status) {
  operation.move({OperationState::waiting}, OperationState::ended);
  operation.end_status = status;
  ended_.push(operation);
}

size_t IocpPort::take_ended(Completion* completions, size_t capacity) {
  size_t count = 0;
  while (count < capacity && !ended_.is_empty()) {
    Operation* operation = ended_.pop();
    operation->move({OperationState::ended}, OperationState::idle);
    completions[count] = Completion{};
    completions[count].operation = operation;
    completions[count].status = operation->end_status;
    count++;
  }
  return count;
}

void IocpPort::take_packets() {
  RecordList packets;
  wait_source_.take(packets);
  // Packets that no worker has dequeued yet.
  dequeue(queue_, 0, packets);
  while (OverlappedRecord* record = packets.pop()) {
    if (record->state() == RecordState::in_kernel) take_from_kernel(*record);
    done_.push(*record);
  }
}

size_t IocpPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  size_t count = take_ended(completions, capacity);
  take_packets();
  post_paused();
  // Records that are listed again in between wait for the next call: one receive for each socket, kAcceptsMax accepts
  // for each listener.
  RecordList now;
  move_all(done_, now);
  while (count < capacity && !now.is_empty()) {
    if (complete(*now.pop(), completions[count])) count++;
  }
  // Records without room go before those that were listed in between.
  move_all(done_, now);
  move_all(now, done_);
  return count;
}

bool IocpPort::complete(OverlappedRecord& record, Completion& completion) {
  OverlappedSocket& socket = *record.socket;
  record.move({RecordState::listed}, RecordState::idle);
  if (socket.state == SocketState::closed) {
    free_if_back(socket);
    return false;
  }
  switch (record.kind) {
    case RecordKind::accept:
      return complete_accept(static_cast<AcceptRecord&>(record), completion);
    case RecordKind::receive:
      return complete_receive(record, completion);
    case RecordKind::output:
      return complete_output(record, completion);
  }
  check(false, "every kind of record is known");
  return false;
}

bool IocpPort::complete_accept(AcceptRecord& record, Completion& completion) {
  auto& listener = static_cast<ListeningSocket&>(*record.socket);
  Operation& operation = listener.operation();
  const bool is_cancelled = listener.accepting() == AcceptingState::cancelled;
  const Arrival arrival = listener.take(record);
  const int32_t refused = is_cancelled ? ECANCELED : listener.post_all(done_);
  if (!listener.is_out()) {
    // The end is a separate completion, after that of this record.
    listener.finish();
    operation.socket->input = nullptr;
    end_later(operation, refused);
  }
  // Cancelled records get no completion of their own: the end reports the cancel once.
  if (is_cancelled && arrival.status != 0) return false;
  completion = Completion{};
  completion.operation = &operation;
  completion.more = true;
  completion.accepted = arrival.accepted;
  completion.status = arrival.status;
  return true;
}

bool IocpPort::complete_receive(OverlappedRecord& record, Completion& completion) {
  if (record.operation == nullptr) {
    record.move({RecordState::idle}, RecordState::signalled);
    return false;
  }
  if (pauses(record)) return false;
  if (!receive_ready(*record.socket, pool_, done_, completion)) return false;
  if (!completion.more) {
    record.operation = nullptr;
    end_now(*completion.operation);
  }
  return true;
}

bool IocpPort::complete_output(OverlappedRecord& record, Completion& completion) {
  Operation& operation = *record.operation;
  if (operation.kind == OperationKind::send && pauses(record)) return false;
  record.operation = nullptr;
  end_now(operation);
  completion = Completion{};
  completion.operation = &operation;
  completion.status = record.status;
  if (completion.status != 0) return true;
  if (operation.kind == OperationKind::connect) {
    completion.status = finish_connect(*record.socket);
  } else {
    check(record.length > 0, "a send that succeeded took at least one byte");
    completion.length = record.length;
  }
  return true;
}

bool IocpPort::pauses(OverlappedRecord& record) {
  const bool goes_on = record.operation->state<OperationState>() == OperationState::waiting;
  if (!lacks_memory(record.status) || !goes_on) return false;
  record.move({RecordState::idle}, RecordState::paused);
  if (!is_pausing_) wait_source_.pause(kPauseMs);
  is_pausing_ = true;
  paused_.push(record);
  return true;
}

void IocpPort::post_paused() {
  if (!is_pausing_ || !wait_source_.pause_is_over()) return;
  is_pausing_ = false;
  RecordList due;
  move_all(paused_, due);
  while (OverlappedRecord* record = due.pop()) {
    record->move({RecordState::paused}, RecordState::idle);
    post_again(*record);
  }
}

void IocpPort::post_again(OverlappedRecord& record) {
  // A receive that was stopped in between is posted when an operation waits for it.
  if (record.operation == nullptr) return;
  OverlappedSocket& socket = *record.socket;
  if (record.kind == RecordKind::receive) {
    if (post_receive(socket, done_) != 0) list_record(record, done_);
    return;
  }
  const Posted posted = post_send(socket, static_cast<SendOperation&>(*record.operation));
  // Done or refused: its fields determine its completion, or the next pause.
  if (posted != Posted::in_kernel) list_record(record, done_);
}

}  // namespace frameport::iocp
