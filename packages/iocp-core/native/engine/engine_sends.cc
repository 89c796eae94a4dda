// The way down for bytes: the arena of one turn, large sends, and what the kernel had no room for.

#include <cerrno>
#include <new>

#include "../check.h"
#include "engine.h"

namespace frameport {

bool Engine::flush(uint32_t entries) {
  check(entries <= memory_.entry_count, "no more entries than the table has");
  const uint8_t* bytes = memory_.arena;
  const uint8_t* const end = memory_.arena + memory_.arena_bytes;
  for (uint32_t index = 0; index < entries; index++) {
    SendEntry& entry = memory_.entries[index];
    check(entry.length <= static_cast<size_t>(end - bytes), "entries stay inside the arena");
    const SendPart part{bytes, entry.length};
    bytes += entry.length;
    const uint64_t queued =
        send(static_cast<uint32_t>(entry.slot), static_cast<uint32_t>(entry.generation), &part, 1, entry.status);
    entry.queued_low = static_cast<uint32_t>(queued);
    entry.queued_high = static_cast<uint32_t>(queued >> 32);
  }
  return has_work();
}

size_t Engine::send(uint32_t slot, uint32_t generation, const SendPart* parts, uint32_t count, int32_t& status) {
  Connection* connection = connections_.find(slot, generation);
  status = ENOTCONN;
  // The slot may belong to somebody else by now: the generation tells.
  if (connection == nullptr || connection->state != ConnectionState::open) return 0;
  status = 0;
  size_t sent = 0;
  if (connection->queued() == 0) {
    const SendAttempt attempt = port_.try_send(connection->socket, parts, count);
    if (attempt.status != 0) {
      status = attempt.status;
      begin_close(*connection, status);
      return 0;
    }
    sent = attempt.length;
  }
  if (!queue(*connection, parts, count, sent)) {
    status = ENOMEM;
    begin_close(*connection, status);
    return 0;
  }
  return connection->queued();
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
    listener->closing = true;
  }
  for (uint32_t slot = 0; slot < connections_.made(); slot++) {
    if (Connection* connection = connections_.at(slot)) begin_close(*connection, ECANCELED);
  }
  while (port_.has_ready()) {
    const size_t count = port_.wait(completions_, kCompletionsMax);
    for (size_t index = 0; index < count; index++) {
      if (completions_[index].accepted != kNoHandle) port_.discard(completions_[index].accepted);
      if (completions_[index].length > 0 && completions_[index].operation->kind == OperationKind::receive) {
        pool_.release(completions_[index].buffer);
      }
    }
  }
  for (uint32_t slot = 0; slot < listeners_.made(); slot++) {
    if (ListenerRecord* listener = listeners_.at(slot)) port_.close(listener->socket);
  }
  for (uint32_t slot = 0; slot < connections_.made(); slot++) {
    if (Connection* connection = connections_.at(slot)) port_.close(connection->socket);
  }
}

}  // namespace frameport
