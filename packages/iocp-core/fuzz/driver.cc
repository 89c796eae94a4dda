// One episode from start to end: setup, steps, sleeping, rest, and the two ways to end.
#include "driver.h"

#include <errno.h>

#include <algorithm>

#include "../native/backends/port_factory.h"
#include "failure.h"
#include "ring_shape.h"
#include "thrift.h"

namespace frameport::fuzz {

namespace {

// The most gathers that a rest may need: a constant number, a number for each connection and listener, and one gather
// for each kBytesInGather unread bytes (the size of the smallest buffer).
constexpr uint64_t kGathersAnyway = 100;
constexpr uint64_t kGathersEach = 40;
constexpr uint64_t kBytesInGather = 64;
constexpr uint32_t kRoomAtRest = 1 << 20;

}  // namespace

Driver::Driver(Kernel& kernel, Random& random, const Setting& setting, const char* backend)
    : kernel_(kernel),
      random_(random),
      setting_(setting),
      received_(size_t{setting.buffers} * setting.buffer_bytes),
      records_(setting.records),
      entries_(setting.entries),
      arena_(setting.arena_bytes) {
  kernel_.set_receive_memory(received_.data(), received_.size());
  set_ring_shape(setting.shape);
  make_port(backend);
}

Driver::~Driver() = default;

void Driver::make_port(const char* backend) {
  PortSetup setup;
  setup.memory = {received_.data(), setting_.buffers, setting_.buffer_bytes, &counters_.buffers_in_use};
  PortFault fault;
  const BackEnd* found = find_back_end(backend);
  if (found == nullptr) fail("there is no back end %s", backend);
  kernel_.set_kind(true);
  port_.reset(found->make(setup, fault));
  if (port_ == nullptr) fail("the port could not be made: %s (%d)", fault.step, fault.status);
  if (setting_.watched_by_loop) watched_ = port_->wait_source().watched(fault.status);
  if (fault.status != 0) fail("the port cannot be watched by an event loop (%d)", fault.status);
  kernel_.set_kind(false);
  EngineMemory memory{};
  memory.received = received_.data();
  memory.records = records_.data();
  memory.record_count = setting_.records;
  memory.entries = entries_.data();
  memory.entry_count = setting_.entries;
  memory.arena = arena_.data();
  memory.arena_bytes = setting_.arena_bytes;
  memory.counters = &counters_;
  engine_ = std::make_unique<Engine>(*port_, memory);
  model_ = std::make_unique<Model>(kernel_, counters_, received_.data(), received_.size());
}

void Driver::run() {
  listen();
  while (place.step < setting_.steps) {
    place.step++;
    place.total_steps++;
    act(setting_.any_act(random_));
  }
  if (random_.one_in(2)) {
    end_by_closing();
  } else {
    end_by_stopping();
  }
  engine_.reset();
  port_.reset();
  if (kernel_.open_descriptors() != 0) fail("%u descriptors are open behind the end", kernel_.open_descriptors());
  if (counters_.operations_in_flight != 0 || counters_.buffers_in_use != 0) {
    fail("behind the end %d operations are in flight, %d buffers in use", counters_.operations_in_flight,
         counters_.buffers_in_use);
  }
}

void Driver::end_by_closing() {
  for (const auto& connection : model_->connections()) close(*connection, random_.one_in(4));
  for (const auto& listener : model_->listeners()) {
    listener->close_asked = true;
    engine_->close_listener(listener->name.slot, listener->name.generation);
  }
  rest();
  if (!model_->connections().empty() || !model_->listeners().empty()) fail("something is open behind the last close");
  stop_engine();
}

void Driver::end_by_stopping() {
  // The end can come at any time, with a kernel in any mood. Nobody reads the bytes of the last batch any more.
  kernel_.readings().clear();
  engine_->release_batch();
  stop_engine();
  kernel_.set_kind(true);
}

void Driver::stop_engine() {
  const MayEnter allowed(kernel_);
  for (Stream* stream : kernel_.live()) stream->input_stopped = Stream::kStopHolds;
  engine_->stop();
}

uint32_t Driver::gather() {
  // From here on, nobody reads the bytes of the last batch.
  kernel_.readings().clear();
  kernel_.begin_gather();
  uint32_t count = 0;
  {
    const MayEnter allowed(kernel_);
    count = engine_->gather();
  }
  if (count > setting_.records) fail("a batch of %u records", count);
  batch_held_ = count > 0;
  for (uint32_t index = 0; index < count; index++) {
    const BatchRecord& record = records_[index];
    Stream* peer = nullptr;
    if (static_cast<RecordKind>(record.kind) == RecordKind::accepted) {
      Address address;
      const int32_t status = engine_->remote_address(static_cast<uint32_t>(record.slot),
                                                     static_cast<uint32_t>(record.generation), address);
      if (status != 0) fail("an accepted connection has no address: %d", status);
      uint32_t id;
      std::copy_n(address.bytes + (address.length > 2 ? 4 : 6), sizeof id, reinterpret_cast<uint8_t*>(&id));
      peer = &kernel_.stream_of(id);
    }
    model_->take(record, peer);
  }
  for (uint32_t index = 0; index < count; index++) react(records_[index]);
  return count;
}

void Driver::react(const BatchRecord& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool opened = kind == RecordKind::accepted || kind == RecordKind::connected;
  if (!opened && kind != RecordKind::receive_end) return;
  Connection* connection = model_->find_at(static_cast<uint32_t>(record.slot));
  if (connection == nullptr) return;
  // Usually a connection starts to receive when it opens, and is closed when its peer has ended.
  if (opened && !random_.one_in(8)) start(*connection);
  if (!opened && !random_.one_in(setting_.keeps_ended)) close(*connection, false);
}

bool Driver::try_sleep() {
  const MayEnter allowed(kernel_);
  if (!engine_->try_sleep()) return false;
  // The port counts as asleep until the next gather, even if operations are submitted before it.
  kernel_.fall_asleep();
  check_asleep(kernel_, *model_);
  return true;
}

void Driver::sleep() {
  if (!try_sleep()) return;
  steps_asleep_ = random_.below(40);
  wait();
}

void Driver::wait() {
  if (watched_ != kNoHandle) return wait_by_loop();
  sleeper = this;
  if (!port_->wait_source().wait()) fail("the wait source is interrupted, and nobody did it");
  sleeper = nullptr;
}

void Driver::wait_by_loop() {
  for (;;) {
    // An event loop reports a descriptor in each iteration as long as it is readable.
    while (is_told()) {
      if (port_->wait_source().take()) return;
    }
    const bool goes_on = step();
    if (kernel_.has_something() && !is_told()) {
      fail("the event loop is told nothing of what wait would return: a wake-up is lost");
    }
    if (!goes_on) return;
  }
}

bool Driver::step() {
  if (steps_asleep_ == 0) return false;
  steps_asleep_--;
  if (place.step < setting_.steps) {
    place.step++;
    place.total_steps++;
  }
  const Act drawn = setting_.any_act(random_);
  const bool waits = drawn == Act::gather || drawn == Act::sleep || drawn == Act::rest;
  if (waits || drawn == Act::look) {
    kernel_.look();
    return true;
  }
  act(drawn);
  // As the caller of the engine does: work that no wake-up announces ends the sleep.
  return !engine_->has_work();
}

void Driver::rest() {
  kernel_.set_kind(true);
  uint64_t most = kGathersAnyway + kGathersEach * model_->listeners().size();
  for (const Stream* stream : kernel_.live()) {
    most += kGathersEach + stream->unread() / kBytesInGather;
    for (const Stream* waiting : stream->backlog) most += kGathersEach + waiting->unread() / kBytesInGather;
  }
  for (uint64_t gathers = 0;; gathers++) {
    if (gathers == most) {
      fail("there is no rest: %llu gathers always find something to do", static_cast<unsigned long long>(most));
    }
    answer_all_peers();
    kernel_.look();
    if (gather() > 0 || engine_->has_work()) continue;
    if (!try_sleep()) continue;
    answer_all_peers();
    kernel_.look();
    if (!kernel_.has_something()) break;
    // Something completed while the port slept: the wait source has to show it.
    steps_asleep_ = 0;
    wait();
  }
  model_->check_rest();
  for (Stream* stream : kernel_.live()) stream->capacity = random_.between(1, setting_.mood.room_most);
  kernel_.set_kind(false);
}

void Driver::answer_all_peers() {
  restart_accepts();
  for (Stream* stream : kernel_.live()) {
    if (stream->state == Stream::State::connecting) stream->state = Stream::State::established;
    peer_reads(*stream, stream->taken);
    stream->capacity = kRoomAtRest;
  }
}

void Driver::restart_accepts() {
  for (const auto& listener : model_->listeners()) {
    if (listener->accepting || listener->close_asked) continue;
    listener->accepting = engine_->accept_start(listener->name.slot, listener->name.generation) == 0;
  }
}

Connection* Driver::any_connection() {
  const auto& all = model_->connections();
  return all.empty() ? nullptr : all[random_.below(static_cast<uint32_t>(all.size()))].get();
}

Stream* Driver::any_stream() {
  const auto& all = kernel_.live();
  return all.empty() ? nullptr : all[random_.below(static_cast<uint32_t>(all.size()))];
}

}  // namespace frameport::fuzz
