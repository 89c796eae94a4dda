// The acts of a step: calls of the engine's user, and actions of the peers.
#include <errno.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "driver.h"
#include "failure.h"
#include "pattern.h"
#include "thrift.h"

namespace frameport::fuzz {

namespace {

Address make_address(bool is_unix) {
  Address address;
  if (is_unix) {
    sockaddr_un form{};
    form.sun_family = AF_UNIX;
    address.length = sizeof form.sun_family + 1;
    std::memcpy(address.bytes, &form, sizeof form);
  } else {
    sockaddr_in form{};
    form.sin_family = AF_INET;
    form.sin_port = htons(1);
    address.length = sizeof form;
    std::memcpy(address.bytes, &form, sizeof form);
  }
  return address;
}

constexpr uint32_t kManyConnect = 200;
// The fake kernel accepts or refuses it like any other socket option.
constexpr uint32_t kNotSentLow = 16 * 1024;

}  // namespace

void Driver::act(Act act) {
  if (act_of_peer(act)) return;
  Connection* connection = any_connection();
  switch (act) {
    case Act::gather:
      gather();
      // The loop flushes after each batch; in one of four cases, other steps come first.
      if (batch_held_ && !random_.one_in(4)) flush(random_.below(setting_.entries), true);
      return;
    case Act::look:
      kernel_.look();
      // The event loop may still report an earlier sleep, or a sleep that something else ended.
      if (is_told() && port_->wait_source().take()) gather();
      return;
    case Act::sleep:
      return sleep();
    case Act::rest:
      return rest();
    case Act::listen:
      restart_accepts();
      return listen();
    case Act::close_listener:
      return close_listener();
    case Act::connect:
      return connect();
    case Act::flush:
      return flush(random_.between(1, setting_.entries), false);
    case Act::send:
      return send();
    case Act::stale:
      return call_stale();
    case Act::start:
      if (connection != nullptr) start(*connection);
      return;
    case Act::stop:
      if (connection != nullptr) stop(*connection);
      return;
    case Act::shutdown:
      if (connection != nullptr) shut_down(*connection);
      return;
    case Act::close:
      if (connection != nullptr) close(*connection, random_.one_in(4));
      return;
    default:
      return act_on_many(act);
  }
}

void Driver::act_on_many(Act act) {
  // Takes the first connections of the list, or all: many acts in one step make the lists inside the port long.
  const auto& all = model_->connections();
  const size_t count = all.empty() ? 0 : random_.between(1, static_cast<uint32_t>(all.size()));
  for (size_t index = 0; index < count; index++) {
    Connection& connection = *all[index];
    if (act == Act::many_stop) stop(connection);
    if (act == Act::many_start) start(connection);
    if (act == Act::many_close) close(connection, random_.one_in(4));
    if (act == Act::many_peers_send) peer_sends(*connection.stream, any_length());
    if (act == Act::many_peers_end) {
      peer_sends(*connection.stream, 1);
      peer_ends(*connection.stream);
    }
  }
}

bool Driver::act_of_peer(Act act) {
  Stream* stream = any_stream();
  const bool is_listener = stream != nullptr && stream->state == Stream::State::listening;
  switch (act) {
    case Act::peer_connects:
    case Act::many_peers_connect: {
      if (model_->listeners().empty()) return true;
      const auto& all = model_->listeners();
      Stream& listener = *all[random_.below(static_cast<uint32_t>(all.size()))]->stream;
      const uint32_t alive = static_cast<uint32_t>(model_->connections().size() + listener.backlog.size());
      const uint32_t room = setting_.connections_most - std::min(setting_.connections_most, alive);
      const uint32_t wanted = act == Act::peer_connects ? 1 : random_.between(1, kManyConnect);
      const uint32_t count = std::min(room, wanted);
      for (uint32_t index = 0; index < count && !listener.closed; index++) {
        Stream& peer = kernel_.peer_connects(listener);
        if (random_.one_in(setting_.short_lives)) {
          peer_sends(peer, 1);
          peer_ends(peer);
        }
        if (random_.one_in(4)) peer_sends(peer, any_length());
        if (random_.one_in(12)) peer_ends(peer);
        if (random_.one_in(12)) peer_breaks(peer, ECONNRESET);
      }
      return true;
    }
    case Act::peer_sends:
      if (stream != nullptr && !is_listener && stream->state == Stream::State::established) {
        peer_sends(*stream, any_length());
        // One segment carries bytes and the end, or a reset follows the bytes.
        if (random_.one_in(6)) peer_ends(*stream);
        if (random_.one_in(20)) peer_breaks(*stream, ECONNRESET);
      }
      return true;
    case Act::peer_ends:
      if (stream != nullptr && stream->state == Stream::State::established) peer_ends(*stream);
      return true;
    case Act::peer_breaks: {
      constexpr int kFaults[] = {ECONNRESET, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, EPIPE};
      if (stream != nullptr && stream->state == Stream::State::established) peer_breaks(*stream, random_.any(kFaults));
      return true;
    }
    case Act::peer_reads:
      if (stream != nullptr && !is_listener) peer_reads(*stream, random_.between(1, setting_.mood.room_most));
      return true;
    case Act::peer_answers:
      for (Stream* each : kernel_.live()) {
        if (each->state != Stream::State::connecting || random_.one_in(2)) continue;
        each->state = random_.one_in(4) ? Stream::State::refused : Stream::State::established;
        if (each->state == Stream::State::refused) each->error = ECONNREFUSED;
      }
      return true;
    default:
      return false;
  }
}

void Driver::listen() {
  if (model_->listeners().size() >= setting_.listeners_most) return;
  ListenOptions options;
  options.socket.not_sent_low_bytes = kNotSentLow;
  const Opened opened = engine_->listen(make_address(setting_.unix_sockets), options);
  if (opened.status == 0) model_->add_listener({opened.slot, opened.generation}, kernel_.last_stream());
}

void Driver::close_listener() {
  const auto& all = model_->listeners();
  if (all.empty()) return;
  ListenerModel& listener = *all[random_.below(static_cast<uint32_t>(all.size()))];
  listener.close_asked = true;
  engine_->close_listener(listener.name.slot, listener.name.generation);
}

void Driver::connect() {
  if (model_->connections().size() >= setting_.connections_most) return;
  SocketOptions options;
  options.not_sent_low_bytes = kNotSentLow;
  const Opened opened = engine_->connect(make_address(setting_.unix_sockets), options);
  if (opened.status != 0) return;
  model_->add({opened.slot, opened.generation}, kernel_.last_stream(), Connection::State::connecting);
}

void Driver::start(Connection& connection) {
  engine_->receive_start(connection.name.slot, connection.name.generation);
  // The engine ignores the call if the connection is not open.
  if (connection.state != Connection::State::open) return;
  connection.receiving = true;
  connection.at_rest = false;
}

void Driver::stop(Connection& connection) {
  connection.stream->input_stopped = Stream::kStopHolds;
  engine_->receive_stop(connection.name.slot, connection.name.generation);
  connection.receiving = false;
}

void Driver::close(Connection& connection, bool reset) {
  connection.stream->input_stopped = Stream::kStopHolds;
  engine_->close_connection(connection.name.slot, connection.name.generation, reset);
  model_->asked_to_close(connection, reset);
}

void Driver::shut_down(Connection& connection) {
  engine_->shutdown(connection.name.slot, connection.name.generation);
  if (connection.state == Connection::State::open) connection.shutdown = true;
}

uint32_t Driver::fill_arena(uint32_t entries) {
  const auto& all = model_->connections();
  uint32_t used = 0;
  uint32_t count = 0;
  entry_of_.clear();
  for (; count < entries; count++) {
    const uint32_t length = std::min(any_length(), setting_.arena_bytes - used);
    if (length == 0) break;
    Connection* connection = any_connection();
    // A user sends nothing after its shutdown.
    if (connection != nullptr && (connection->shutdown || random_.one_in(50))) connection = nullptr;
    SendEntry& entry = entries_[count];
    entry = SendEntry{};
    entry.length = length;
    if (connection != nullptr) {
      entry.slot = static_cast<int32_t>(connection->name.slot);
      entry.generation = static_cast<int32_t>(connection->name.generation);
      fill_pattern(connection->stream->id, Way::from_engine, connection->accepted + connection->offered,
                   arena_.data() + used, length);
      connection->offered += length;
    } else if (!model_->former().empty()) {
      const Name name = model_->former()[random_.below(static_cast<uint32_t>(model_->former().size()))];
      entry.slot = static_cast<int32_t>(name.slot);
      entry.generation = static_cast<int32_t>(name.generation);
    } else {
      entry.slot = static_cast<int32_t>(all.size() + 1000);
    }
    entry_of_.push_back(connection);
    used += length;
  }
  return count;
}

void Driver::flush(uint32_t entries, bool release) {
  const uint32_t count = fill_arena(entries);
  if (release) {
    kernel_.readings().clear();
    engine_->release_batch();
  }
  {
    const MayEnter allowed(kernel_);
    engine_->flush(count);
  }
  take_answers(count);
}

void Driver::take_answers(uint32_t entries) {
  // The last entry of a connection has its final answer. A refused entry before it means that the connection is broken.
  for (uint32_t index = entries; index-- > 0;) {
    const SendEntry& entry = entries_[index];
    Connection* connection = entry_of_[index];
    if (connection == nullptr) {
      if (entry.status == 0) fail("a send is taken for slot %d with the generation %d, which is nobody's", entry.slot,
                                  entry.generation);
      continue;
    }
    const uint64_t queued = entry.queued_low | static_cast<uint64_t>(entry.queued_high) << 32;
    if (connection->offered > 0) {
      model_->answered(*connection, connection->offered, entry.status, queued);
      connection->offered = 0;
    } else if (entry.status != 0) {
      model_->answered(*connection, 0, entry.status, 0);
    }
  }
  // The arena belongs to the user again.
  std::fill(arena_.begin(), arena_.end(), uint8_t{0});
}

void Driver::send() {
  Connection* connection = any_connection();
  if (connection == nullptr || connection->shutdown) return;
  const uint32_t count = random_.between(1, kSendPartsMax);
  const uint32_t part_bytes = any_length() * (random_.one_in(4) ? 16 : 1);
  large_.resize(size_t{count} * part_bytes);
  fill_pattern(connection->stream->id, Way::from_engine, connection->accepted, large_.data(), large_.size());
  SendPart parts[kSendPartsMax];
  for (uint32_t index = 0; index < count; index++) {
    parts[index] = {large_.data() + size_t{index} * part_bytes, part_bytes};
  }
  int32_t status = 0;
  const MayEnter allowed(kernel_);
  const size_t queued = engine_->send(connection->name.slot, connection->name.generation, parts, count, status);
  model_->answered(*connection, large_.size(), status, queued);
  std::fill(large_.begin(), large_.end(), uint8_t{0});
}

void Driver::call_stale() {
  if (model_->former().empty()) return;
  const Name name = model_->former()[random_.below(static_cast<uint32_t>(model_->former().size()))];
  Address address;
  int32_t status = 0;
  switch (random_.below(7)) {
    case 0:
      return engine_->receive_start(name.slot, name.generation);
    case 1:
      return engine_->receive_stop(name.slot, name.generation);
    case 2:
      return engine_->shutdown(name.slot, name.generation);
    case 3:
      return engine_->close_connection(name.slot, name.generation, true);
    case 4:
      status = engine_->local_address(name.slot, name.generation, address);
      if (status != EBADF) fail("a name of nobody has an address");
      return;
    case 5:
      status = engine_->remote_address(name.slot, name.generation, address);
      if (status != EBADF) fail("a name of nobody has an address");
      return;
    default: {
      const uint8_t byte = 0;
      const SendPart part{&byte, 1};
      engine_->send(name.slot, name.generation, &part, 1, status);
      if (status != ENOTCONN) fail("a send for a name of nobody is answered with %d", status);
    }
  }
}

}  // namespace frameport::fuzz
