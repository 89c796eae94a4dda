#include "model.h"

#include <errno.h>

#include <algorithm>

#include "failure.h"
#include "pattern.h"

namespace frameport::fuzz {

namespace {

constexpr size_t kFormerMax = 64;

uint64_t queued_of(const BatchRecord& record) {
  return record.queued_low | static_cast<uint64_t>(record.queued_high) << 32;
}

unsigned long long wide(uint64_t number) { return number; }

template <typename Each>
void erase(std::vector<std::unique_ptr<Each>>& all, const Each& gone) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const std::unique_ptr<Each>& each) { return each.get() == &gone; });
  std::swap(*found, all.back());
  all.pop_back();
}

}  // namespace

void Model::check_generation(std::vector<int64_t>& last, Name name) {
  if (name.slot >= last.size()) last.resize(name.slot + 1, -1);
  if (name.generation <= last[name.slot]) {
    fail("slot %u is used again with the generation %u, which was another's", name.slot, name.generation);
  }
  last[name.slot] = name.generation;
}

Connection& Model::add(Name name, Stream& stream, Connection::State state) {
  if (name.slot >= by_slot_.size()) by_slot_.resize(name.slot + 1);
  if (by_slot_[name.slot] != nullptr) fail("slot %u is given to a second connection", name.slot);
  check_generation(last_generation_, name);
  auto made = std::make_unique<Connection>();
  made->name = name;
  made->stream = &stream;
  made->state = state;
  made->was_open = state == Connection::State::open;
  by_slot_[name.slot] = made.get();
  connections_.push_back(std::move(made));
  return *connections_.back();
}

ListenerModel& Model::add_listener(Name name, Stream& stream) {
  for (const auto& each : listeners_) {
    if (each->name.slot == name.slot) fail("slot %u is given to a second listener", name.slot);
  }
  check_generation(last_listener_generation_, name);
  listeners_.push_back(std::make_unique<ListenerModel>());
  listeners_.back()->name = name;
  listeners_.back()->stream = &stream;
  return *listeners_.back();
}

void Model::forget(Name name) {
  if (former_.size() == kFormerMax) former_.erase(former_.begin());
  former_.push_back(name);
}

void Model::take(const BatchRecord& record, Stream* peer) {
  switch (static_cast<RecordKind>(record.kind)) {
    case RecordKind::received:
      return take_received(record);
    case RecordKind::receive_end:
      return take_end(record);
    case RecordKind::send_progress:
      return take_progress(record);
    case RecordKind::closed:
    case RecordKind::connect_failed:
      return take_closed(record);
    case RecordKind::connected:
      return take_connected(record);
    case RecordKind::accepted:
      return take_accepted(record, peer);
    case RecordKind::accept_failed:
      return take_accept_failed(record);
    case RecordKind::listener_closed:
      return take_listener_closed(record);
  }
  fail("a record of the unknown kind %d", record.kind);
}

Connection& Model::find(const BatchRecord& record, const char* what) {
  const auto slot = static_cast<uint32_t>(record.slot);
  Connection* connection = slot < by_slot_.size() ? by_slot_[slot] : nullptr;
  if (connection == nullptr || connection->name.generation != static_cast<uint32_t>(record.generation)) {
    fail("a record `%s` names slot %u with the generation %d, which is nobody's", what, slot, record.generation);
  }
  return *connection;
}

ListenerModel& Model::find_listener(const BatchRecord& record, const char* what) {
  for (const auto& each : listeners_) {
    if (each->name.slot == static_cast<uint32_t>(record.slot) &&
        each->name.generation == static_cast<uint32_t>(record.generation)) {
      return *each;
    }
  }
  fail("a record `%s` names the listener in slot %d, which is nobody's", what, record.slot);
}

namespace {

void check_open(const Connection& connection, const char* what) {
  const bool open = connection.state == Connection::State::open && !connection.failed && !connection.close_asked;
  if (!open) fail("connection %u: a record `%s` when only its close may follow", connection.stream->id, what);
}

void check_may_receive(const Connection& connection, const char* what) {
  check_open(connection, what);
  if (connection.ended) fail("connection %u: a record `%s` behind its end", connection.stream->id, what);
  if (!connection.receiving && connection.at_rest) {
    fail("connection %u: a record `%s` long after it was stopped", connection.stream->id, what);
  }
}

}  // namespace

void Model::take_received(const BatchRecord& record) {
  Connection& connection = find(record, "received");
  check_may_receive(connection, "received");
  if (record.length == 0 || record.offset > memory_bytes_ || record.length > memory_bytes_ - record.offset) {
    fail("connection %u: received bytes outside of the receive memory", connection.stream->id);
  }
  const uint8_t* bytes = memory_ + record.offset;
  if (connection.received + record.length > connection.stream->read) {
    fail("connection %u: more bytes received than the kernel gave", connection.stream->id);
  }
  if (!is_pattern(connection.stream->id, Way::to_engine, connection.received, bytes, record.length)) {
    fail("connection %u: the bytes received from position %llu on are not its own", connection.stream->id,
         wide(connection.received));
  }
  connection.received += record.length;
  kernel_.readings().push_back({bytes, record.length});
}

void Model::take_end(const BatchRecord& record) {
  Connection& connection = find(record, "receive_end");
  check_may_receive(connection, "receive_end");
  const Stream& stream = *connection.stream;
  if (!stream.end_arrived || connection.received != stream.arrived) {
    fail("connection %u: its end is told after %llu of %llu bytes, and the peer has%s ended", stream.id,
         wide(connection.received), wide(stream.arrived), stream.end_arrived ? "" : " not");
  }
  connection.ended = true;
}

void Model::answered(Connection& connection, uint64_t length, int32_t status, uint64_t queued) {
  const Stream& stream = *connection.stream;
  const bool open = connection.state == Connection::State::open && !connection.close_asked && !connection.failed;
  if (status != 0) {
    if (connection.state == Connection::State::open) connection.failed = true;
    return;
  }
  if (!open) {
    fail("connection %u: a send is taken although it is %s", stream.id,
         connection.close_asked ? "closing" : connection.failed ? "broken" : "not connected yet");
  }
  // If bytes are queued already, the engine queues all new bytes; otherwise it queues what the kernel did not take.
  const uint64_t expected =
      connection.queued > 0 ? connection.queued + length : connection.accepted + length - stream.taken;
  connection.accepted += length;
  if (queued != expected) {
    fail("connection %u: a send of %llu bytes is answered with %llu queued, and %llu are", stream.id, wide(length),
         wide(queued), wide(expected));
  }
  connection.queued = queued;
}

void Model::asked_to_close(Connection& connection, bool reset) {
  if (connection.close_asked) return;
  connection.close_asked = true;
  connection.reset_asked = reset && connection.state == Connection::State::open && !connection.failed;
}

void Model::take_progress(const BatchRecord& record) {
  Connection& connection = find(record, "send_progress");
  check_open(connection, "send_progress");
  const uint64_t queued = queued_of(record);
  const uint64_t expected = connection.accepted - connection.stream->taken;
  if (queued >= connection.queued || queued != expected) {
    fail("connection %u: progress to %llu bytes queued, from %llu, and %llu are", connection.stream->id, wide(queued),
         wide(connection.queued), wide(expected));
  }
  connection.queued = queued;
}

void Model::check_status(const Stream& stream, int32_t status, const char* what) const {
  const bool memory = status == ENOMEM && kernel_.memory_was_refused();
  const bool lost = status == ENOBUFS && kernel_.completion_was_lost();
  if (memory || lost || stream.was_told(status)) return;
  fail("stream %u: %s with the status %d, which no call had", stream.id, what, status);
}

void Model::take_closed(const BatchRecord& record) {
  Connection& connection = find(record, "closed");
  const Stream& stream = *connection.stream;
  const bool was_open = static_cast<RecordKind>(record.kind) == RecordKind::closed;
  if (was_open != connection.was_open) fail("stream %u: `closed` and `connect_failed` are confused", stream.id);
  if (!stream.closed) fail("connection %u: closed, and its descriptor is open", stream.id);
  const int32_t asked_status = was_open ? 0 : ECANCELED;
  if (!connection.close_asked || record.status != asked_status) check_status(stream, record.status, "closed");
  if (connection.reset_asked && record.status == 0 && !stream.linger_reset) {
    fail("connection %u: closed without the reset that was asked for", stream.id);
  }
  by_slot_[connection.name.slot] = nullptr;
  forget(connection.name);
  erase(connections_, connection);
}

void Model::take_connected(const BatchRecord& record) {
  Connection& connection = find(record, "connected");
  const bool connecting = connection.state == Connection::State::connecting && !connection.close_asked;
  if (!connecting || connection.stream->state != Stream::State::established) {
    fail("connection %u: connected, and it is not", connection.stream->id);
  }
  connection.state = Connection::State::open;
  connection.was_open = true;
}

void Model::take_accepted(const BatchRecord& record, Stream* peer) {
  const Name name{static_cast<uint32_t>(record.slot), static_cast<uint32_t>(record.generation)};
  const ListenerModel* listener = nullptr;
  for (const auto& each : listeners_) {
    if (each->name.slot == record.listener_slot) listener = each.get();
  }
  if (listener == nullptr || listener->close_asked) fail("a connection of a listener that is closed");
  if (peer == nullptr || peer->closed || peer->origin != listener->stream->id) {
    fail("slot %u: an accepted connection that did not come to its listener", name.slot);
  }
  for (const auto& each : connections_) {
    if (each->stream == peer) fail("connection %u is accepted twice", peer->id);
  }
  add(name, *peer, Connection::State::open);
}

void Model::take_accept_failed(const BatchRecord& record) {
  ListenerModel& listener = find_listener(record, "accept_failed");
  if (listener.close_asked) fail("listener %u: a failed accept behind its close", listener.stream->id);
  check_status(*listener.stream, record.status, "a failed accept");
  if (record.accepting_ended == 1) listener.accepting = false;
}

void Model::take_listener_closed(const BatchRecord& record) {
  ListenerModel& listener = find_listener(record, "listener_closed");
  if (!listener.close_asked) fail("listener %u: closed, and nobody asked for it", listener.stream->id);
  if (!listener.stream->closed) fail("listener %u: closed, and its descriptor is open", listener.stream->id);
  erase(listeners_, listener);
}

void Model::check_rest(const Connection& connection) const {
  const Stream& stream = *connection.stream;
  if (connection.state == Connection::State::connecting) fail("connection %u: its connect never completes", stream.id);
  if (connection.close_asked || connection.failed) fail("connection %u: it never closes", stream.id);
  if (connection.receiving && !connection.ended) {
    if (connection.received != stream.arrived) {
      fail("connection %u is deaf: %llu of %llu bytes are told", stream.id, wide(connection.received),
           wide(stream.arrived));
    }
    if (stream.error != 0 || stream.broken) fail("connection %u is deaf: its reset is not told", stream.id);
    if (stream.end_arrived) fail("connection %u is deaf: its end is not told", stream.id);
  }
  const bool broken = stream.error != 0 || stream.broken;
  if (connection.queued > 0 && !broken) {
    fail("connection %u: %llu bytes are never sent", stream.id, wide(connection.queued));
  }
  if (connection.queued == 0 && connection.accepted != stream.taken) {
    fail("connection %u: %llu bytes are neither sent nor queued", stream.id, wide(connection.accepted - stream.taken));
  }
  if (connection.shutdown && !stream.ended && !broken) fail("connection %u: its end is never sent", stream.id);
}

void Model::check_rest() const {
  for (const auto& connection : connections_) check_rest(*connection);
  for (const auto& listener : listeners_) {
    if (listener->close_asked) fail("listener %u: it never closes", listener->stream->id);
    if (listener->accepting && !listener->stream->backlog.empty()) {
      fail("listener %u is deaf: %zu connections wait", listener->stream->id, listener->stream->backlog.size());
    }
  }
  check_counters();
  for (const auto& connection : connections_) connection->at_rest = !connection->receiving;
}

void Model::check_counters() const {
  int32_t operations = 0;
  for (const auto& connection : connections_) {
    if (connection->receiving && !connection->ended) operations++;
    if (connection->queued > 0) operations++;
  }
  for (const auto& listener : listeners_) operations += listener->accepting ? 1 : 0;
  const auto connections = static_cast<int32_t>(connections_.size());
  const auto listeners = static_cast<int32_t>(listeners_.size());
  const bool right = counters_.connections == connections && counters_.listeners == listeners &&
                     counters_.handles == connections + listeners && counters_.buffers_in_use == 0 &&
                     counters_.operations_in_flight == operations;
  if (right) return;
  fail("at rest the counters are connections %d (expected %d), listeners %d (%d), handles %d (%d), operations %d (%d), "
       "buffers %d (0)", counters_.connections, connections, counters_.listeners, listeners, counters_.handles,
       connections + listeners, counters_.operations_in_flight, operations, counters_.buffers_in_use);
}

}  // namespace frameport::fuzz
