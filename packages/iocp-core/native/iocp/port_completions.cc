// The way up: packets become completions of operations.

#include "../check.h"
#include "connect.h"
#include "port.h"
#include "receive.h"

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
  // What no worker has had the time for.
  dequeue(queue_, 0, packets);
  while (OverlappedRecord* record = packets.pop()) {
    if (record->state == RecordState::in_kernel) take_from_kernel(*record);
    done_.push(*record);
  }
}

size_t IocpPort::wait(Completion* completions, size_t capacity) {
  check(capacity >= kCompletionsMin, "a wait has room for one listener and one connection");
  size_t count = take_ended(completions, capacity);
  take_packets();
  // What is listed again meanwhile waits for the next call: one receive for each socket, kAcceptsMax accepts for each
  // listener.
  for (uint32_t left = done_.count(); left > 0 && count < capacity; left--) {
    if (complete(*done_.pop(), completions[count])) count++;
  }
  return count;
}

bool IocpPort::complete(OverlappedRecord& record, Completion& completion) {
  OverlappedSocket& socket = *record.socket;
  check(record.state == RecordState::listed, "only what is complete is listed");
  record.state = RecordState::idle;
  socket.records_out--;
  if (socket.closed) {
    free_if_back(socket);
    return false;
  }
  switch (record.kind) {
    case RecordKind::accept:
      return complete_accept(static_cast<AcceptRecord&>(record), completion);
    case RecordKind::receive:
      return complete_receive(record, completion);
    case RecordKind::output:
      complete_output(record, completion);
      return true;
  }
  check(false, "every kind of record is known");
  return false;
}

bool IocpPort::complete_accept(AcceptRecord& record, Completion& completion) {
  int32_t ended_status = 0;
  auto& listener = static_cast<ListeningSocket&>(*record.socket);
  const bool told = listener.complete(record, done_, completion, ended_status);
  Operation& operation = *completion.operation;
  if (ended_status != 0) {
    operation.socket->input = nullptr;
    end_later(operation, ended_status);
  } else if (!completion.more) {
    operation.socket->input = nullptr;
    operation.move({OperationState::waiting}, OperationState::idle);
  }
  return told;
}

bool IocpPort::complete_receive(OverlappedRecord& record, Completion& completion) {
  if (record.operation == nullptr) {
    record.state = RecordState::signalled;
    return false;
  }
  if (!receive_ready(*record.socket, pool_, done_, completion)) return false;
  if (!completion.more) {
    record.operation = nullptr;
    completion.operation->socket->input = nullptr;
    completion.operation->move({OperationState::waiting}, OperationState::idle);
  }
  return true;
}

void IocpPort::complete_output(OverlappedRecord& record, Completion& completion) {
  Operation& operation = *record.operation;
  record.operation = nullptr;
  operation.socket->output = nullptr;
  operation.move({OperationState::waiting}, OperationState::idle);
  completion = Completion{};
  completion.operation = &operation;
  completion.status = record.status;
  if (completion.status != 0) return;
  if (operation.kind == OperationKind::connect) {
    completion.status = finish_connect(*record.socket);
  } else {
    check(record.length > 0, "a send that succeeded took at least one byte");
    completion.length = record.length;
  }
}

}  // namespace frameport::iocp
