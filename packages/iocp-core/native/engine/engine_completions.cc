// Incoming events: completions of the port become records of the batch table.

#include <cerrno>

#include "../base/check.h"
#include "engine.h"

namespace frameport {

uint32_t Engine::gather() {
  release_batch();
  table_.reset();
  // A few rounds, because completions of cancelled operations yield no record, but an empty batch must mean "sleep".
  for (int round = 0; round < 4 && table_.count() == 0; round++) {
    // At most one record for each completion, and as many again for connections that finish because of them.
    const size_t capacity = table_.room() / 2 < kCompletionsMax ? table_.room() / 2 : kCompletionsMax;
    const size_t count = port_.wait(completions_, capacity);
    for (size_t index = 0; index < count; index++) take(completions_[index]);
    while (!finishing_.is_empty() && table_.room() > 0) finish(*finishing_.pop());
    while (!finishing_listeners_.is_empty() && table_.room() > 0) finish_listener(*finishing_listeners_.pop());
    if (count == 0) break;
  }
  return table_.count();
}

void Engine::release_batch() {
  for (uint32_t index = 0; index < held_count_; index++) port_.release(held_[index]);
  held_count_ = 0;
}

void Engine::take(const Completion& completion) {
  if (!completion.more) counters_.operations_in_flight--;
  void* owner = completion.operation->owner;
  // Rule 7: the kind was fixed when the operation was made.
  switch (completion.operation->kind) {
    case OperationKind::accept:
      return take_accept(*static_cast<ListenerRecord*>(owner), completion);
    case OperationKind::connect:
      return take_connect(*static_cast<Connection*>(owner), completion);
    case OperationKind::receive:
      return take_receive(*static_cast<Connection*>(owner), completion);
    case OperationKind::send:
      return take_send(*static_cast<Connection*>(owner), completion);
    case OperationKind::shutdown:
      shutdown_failed(*static_cast<Connection*>(owner), completion.status);
      return final_completion(*static_cast<Connection*>(owner));
  }
  check(false, "every kind of operation is known");
}

void Engine::take_accept(ListenerRecord& listener, const Completion& completion) {
  if (completion.accepted != kNoHandle) {
    if (listener.is_closing()) {
      port_.discard(completion.accepted);
    } else {
      adopt(listener, completion.accepted);
    }
  }
  if (listener.is_closing()) {
    if (!completion.more) finishing_listeners_.push(listener);
    return;
  }
  if (completion.status == 0) return;
  BatchRecord& record = table_.add(RecordKind::accept_failed, listener.slot, listener.generation);
  record.status = completion.status;
  record.accepting_ended = completion.more ? 0 : 1;
}

void Engine::adopt(ListenerRecord& listener, Handle accepted) {
  Connection* connection = take_connection(ConnectionState::open);
  int32_t status = ENOMEM;
  if (connection == nullptr) {
    port_.discard(accepted);
  } else {
    status = port_.associate(connection->socket, accepted);
    if (status != 0) free_connection(*connection);
  }
  if (status != 0) {
    // Rule 3: the fault of one connection is reported, and accepting continues.
    table_.add(RecordKind::accept_failed, listener.slot, listener.generation).status = status;
    return;
  }
  table_.add(RecordKind::accepted, connection->slot, connection->generation).listener_slot = listener.slot;
}

void Engine::final_completion(Connection& connection) {
  check(connection.operations > 0, "an operation completes finally once");
  connection.operations--;
  if (connection.is_closing() && connection.operations == 0) finishing_.push(connection);
}

void Engine::take_connect(Connection& connection, const Completion& completion) {
  delete connection.connect;
  connection.connect = nullptr;
  if (connection.state == ConnectionState::connecting) {
    if (completion.status == 0) {
      connection.move({ConnectionState::connecting}, ConnectionState::open);
      table_.add(RecordKind::connected, connection.slot, connection.generation);
    } else {
      begin_close(connection, completion.status);
    }
  }
  final_completion(connection);
}

void Engine::take_receive(Connection& connection, const Completion& completion) {
  const bool closing = connection.is_closing();
  if (completion.length > 0) {
    if (closing) {
      port_.release(completion.buffer);
    } else {
      BatchRecord& record = table_.add(RecordKind::received, connection.slot, connection.generation);
      record.offset = static_cast<uint32_t>(completion.bytes - memory_.received);
      record.length = completion.length;
      held_[held_count_++] = completion.buffer;
    }
  }
  if (completion.more) return;
  if (!closing && completion.status == 0) {
    // Rule 6: a receive that had room completed with nothing.
    connection.reading = Reading::ended;
    table_.add(RecordKind::receive_end, connection.slot, connection.generation);
  } else if (!closing && completion.status != ECANCELED) {
    begin_close(connection, completion.status);
  }
  final_completion(connection);
  // Cancelled by a stop, and started again in between.
  const bool goes_on = connection.state == ConnectionState::open && connection.reading == Reading::wanted;
  if (goes_on) submit(connection, connection.receive);
}

void Engine::take_send(Connection& connection, const Completion& completion) {
  check(connection.sending != nullptr, "a send in flight keeps its bytes");
  connection.sending->queue.consume(completion.length);
  if (connection.state == ConnectionState::open) {
    if (completion.status != 0) {
      begin_close(connection, completion.status);
    } else {
      const uint64_t queued = connection.queued();
      BatchRecord& record = table_.add(RecordKind::send_progress, connection.slot, connection.generation);
      record.queued_low = static_cast<uint32_t>(queued);
      record.queued_high = static_cast<uint32_t>(queued >> 32);
    }
  }
  final_completion(connection);
  if (connection.state != ConnectionState::open) return;
  if (connection.queued() > 0) {
    submit_send(connection);
  } else if (connection.sending_end == SendingEnd::wanted) {
    submit_shutdown(connection);
  }
}

}  // namespace frameport
