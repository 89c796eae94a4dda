// Outgoing bytes: the arena of one turn, large sends, and bytes that the kernel had no room for.

#include <cerrno>
#include <new>

#include "../base/check.h"
#include "engine.h"

namespace frameport {

bool Engine::flush(uint32_t entries) {
  check(entries <= memory_.entry_count, "no more entries than the table has");
  const uint8_t* bytes = memory_.arena;
  const uint8_t* const end = memory_.arena + memory_.arena_bytes;
  for (uint32_t index = 0; index < entries; index++) {
    SendEntry& entry = memory_.entries[index];
    check(entry.length <= static_cast<size_t>(end - bytes), "entries stay inside the arena");
    stage(entry, {bytes, entry.length});
    bytes += entry.length;
  }
  send_staged();
  return has_work();
}

void Engine::stage(SendEntry& entry, const SendPart& part) {
  entry.next_of_connection = 0;
  // The slot may belong to another connection by now, which the generation shows.
  Connection* connection =
      connections_.find(static_cast<uint32_t>(entry.slot), static_cast<uint32_t>(entry.generation));
  if (connection == nullptr || connection->state != ConnectionState::open) return answer(entry, ENOTCONN, 0);
  if (connection->staged == 0) return stage_first(*connection, entry, part);
  StagedSend& staged = staged_[connection->staged - 1];
  if (staged.part_count == kSendPartsMax) {
    // Each connection appears once in a batch; otherwise a later part could overtake the rest of an earlier one.
    send_staged();
    return stage(entry, part);
  }
  // Even if the sends of many connections alternate, those of one connection are one system call.
  staged.parts[staged.part_count++] = part;
  staged.last->next_of_connection = 1 + static_cast<uint32_t>(&entry - memory_.entries);
  staged.last = &entry;
}

void Engine::stage_first(Connection& connection, SendEntry& entry, const SendPart& part) {
  if (connection.queued() > 0) {
    take_rest(connection, &part, 1, SendAttempt{}, entry.status);
    return answer(entry, entry.status, connection.queued());
  }
  if (staged_count_ == kAttemptsMax) send_staged();
  StagedSend& staged = staged_[staged_count_++];
  staged.connection = &connection;
  staged.first = staged.last = &entry;
  staged.parts[0] = part;
  staged.part_count = 1;
  connection.staged = staged_count_;
}

void Engine::send_staged() {
  for (uint32_t index = 0; index < staged_count_; index++) {
    const StagedSend& staged = staged_[index];
    attempts_[index] = SendAttempt{};
    attempts_[index].socket = &staged.connection->socket;
    attempts_[index].parts = staged.parts;
    attempts_[index].part_count = staged.part_count;
  }
  if (staged_count_ > 0) port_.try_send(attempts_, staged_count_);
  for (uint32_t index = 0; index < staged_count_; index++) {
    const StagedSend& staged = staged_[index];
    staged.connection->staged = 0;
    int32_t status = 0;
    take_rest(*staged.connection, staged.parts, staged.part_count, attempts_[index], status);
    for (SendEntry* entry = staged.first;; entry = memory_.entries + (entry->next_of_connection - 1)) {
      answer(*entry, status, staged.connection->queued());
      if (entry == staged.last) break;
    }
  }
  staged_count_ = 0;
}

void Engine::answer(SendEntry& entry, int32_t status, uint64_t queued) {
  entry.status = status;
  entry.queued_low = static_cast<uint32_t>(status == 0 ? queued : 0);
  entry.queued_high = static_cast<uint32_t>(status == 0 ? queued >> 32 : 0);
}

size_t Engine::send(uint32_t slot, uint32_t generation, const SendPart* parts, uint32_t count, int32_t& status) {
  Connection* connection = connections_.find(slot, generation);
  status = ENOTCONN;
  if (connection == nullptr || connection->state != ConnectionState::open) return 0;
  SendAttempt attempt;
  if (connection->queued() == 0) {
    attempt.socket = &connection->socket;
    attempt.parts = parts;
    attempt.part_count = count;
    port_.try_send(&attempt, 1);
  }
  take_rest(*connection, parts, count, attempt, status);
  return status == 0 ? connection->queued() : 0;
}

void Engine::take_rest(Connection& connection, const SendPart* parts, uint32_t count, const SendAttempt& attempt,
                       int32_t& status) {
  status = attempt.status;
  if (status == 0 && !queue(connection, parts, count, attempt.length)) status = ENOMEM;
  if (status != 0) begin_close(connection, status);
  // The rest may have reached a queue whose operation was refused: then it must not count as in progress.
  if (connection.state != ConnectionState::open) status = connection.close_status;
}

bool Engine::queue(Connection& connection, const SendPart* parts, uint32_t count, size_t skip) {
  for (uint32_t index = 0; index < count; index++) {
    if (skip >= parts[index].length) {
      skip -= parts[index].length;
      continue;
    }
    if (connection.sending == nullptr) {
      connection.sending = new (std::nothrow) Sending(connection.socket, &connection);
      if (connection.sending == nullptr) return false;
    }
    if (!connection.sending->queue.append(parts[index].bytes + skip, parts[index].length - skip)) return false;
    skip = 0;
  }
  if (connection.queued() > 0 && !connection.sending->operation.in_flight()) submit_send(connection);
  return true;
}

void Engine::submit_send(Connection& connection) {
  SendOperation& operation = connection.sending->operation;
  operation.part_count = connection.sending->queue.front(operation.parts);
  submit(connection, operation);
}

void Engine::stop() {
  for (uint32_t slot = 0; slot < listeners_.made(); slot++) {
    ListenerRecord* listener = listeners_.at(slot);
    if (listener == nullptr) continue;
    port_.cancel(listener->accept);
    listener->move({ListenerState::listening, ListenerState::closing}, ListenerState::closing);
  }
  for (uint32_t slot = 0; slot < connections_.made(); slot++) {
    if (Connection* connection = connections_.at(slot)) begin_close(*connection, ECANCELED);
  }
  // Nobody is notified, so these lists are only emptied.
  while (finishing_.pop() != nullptr) {
  }
  while (finishing_listeners_.pop() != nullptr) {
  }
  // Rule 1: memory that the kernel may still write to is not freed.
  while (counters_.operations_in_flight > 0) {
    if (!port_.has_ready()) port_.await_ready();
    const size_t count = port_.wait(completions_, kCompletionsMax);
    for (size_t index = 0; index < count; index++) drop(completions_[index]);
  }
  for (uint32_t slot = 0; slot < listeners_.made(); slot++) {
    if (ListenerRecord* listener = listeners_.at(slot)) port_.close(listener->socket);
  }
  for (uint32_t slot = 0; slot < connections_.made(); slot++) {
    if (Connection* connection = connections_.at(slot)) port_.close(connection->socket);
  }
}

void Engine::drop(const Completion& completion) {
  if (!completion.more) counters_.operations_in_flight--;
  if (completion.accepted != kNoHandle) port_.discard(completion.accepted);
  if (completion.length > 0 && completion.operation->kind == OperationKind::receive) port_.release(completion.buffer);
}

}  // namespace frameport
