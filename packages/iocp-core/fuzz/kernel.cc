#include "kernel.h"

#include <algorithm>

#include "failure.h"

namespace frameport::fuzz {

Kernel* kernel = nullptr;

Kernel::~Kernel() = default;

int Kernel::take() {
  while (lowest_ < entries_.size() && entries_[lowest_].taken) lowest_++;
  if (lowest_ == entries_.size()) entries_.emplace_back();
  entries_[lowest_].taken = true;
  open_++;
  return kFirst + static_cast<int>(lowest_);
}

Kernel::Entry& Kernel::entry(int descriptor) {
  const size_t index = static_cast<size_t>(descriptor - kFirst);
  if (descriptor < kFirst || index >= entries_.size() || !entries_[index].taken) {
    fail("a call names the descriptor %d, which is not open", descriptor);
  }
  return entries_[index];
}

int Kernel::add_stream(Stream& stream) {
  const int descriptor = take();
  entry(descriptor).stream = &stream;
  stream.descriptor = descriptor;
  live_.push_back(&stream);
  return descriptor;
}

int Kernel::add_eventfd() {
  const int descriptor = take();
  entry(descriptor).counter = std::make_unique<uint64_t>(0);
  return descriptor;
}

int Kernel::add_ring(std::unique_ptr<RingKernel> ring) {
  const int descriptor = take();
  only_ring_ = ring.get();
  entry(descriptor).ring = std::move(ring);
  return descriptor;
}

int Kernel::add_epoll() {
  const int descriptor = take();
  entry(descriptor).epoll = std::make_unique<EpollSet>(*this);
  // The port creates its own set first; a later set watches that one for an event loop.
  if (only_epoll_ == nullptr) only_epoll_ = entry(descriptor).epoll.get();
  return descriptor;
}

Stream* Kernel::find_stream(int descriptor) {
  const size_t index = static_cast<size_t>(descriptor - kFirst);
  return descriptor >= kFirst && index < entries_.size() ? entries_[index].stream : nullptr;
}

Stream& Kernel::stream(int descriptor) {
  Stream* stream = entry(descriptor).stream;
  if (stream == nullptr) fail("a call for sockets names the descriptor %d, which is none", descriptor);
  return *stream;
}

uint64_t* Kernel::eventfd(int descriptor) { return entry(descriptor).counter.get(); }

RingKernel& Kernel::ring(int descriptor) {
  if (entry(descriptor).ring == nullptr) fail("a call for io_uring names the descriptor %d, which is none", descriptor);
  return *entry(descriptor).ring;
}

EpollSet& Kernel::epoll(int descriptor) {
  if (entry(descriptor).epoll == nullptr) fail("a call for epoll names the descriptor %d, which is none", descriptor);
  return *entry(descriptor).epoll;
}

const EpollSet* Kernel::find_epoll(int descriptor) { return entry(descriptor).epoll.get(); }

void Kernel::close(int descriptor) {
  Entry& closing = entry(descriptor);
  if (closing.ring != nullptr) {
    closing.ring->check_idle();
    only_ring_ = nullptr;
  }
  if (closing.epoll.get() == only_epoll_) only_epoll_ = nullptr;
  if (Stream* stream = closing.stream) {
    if (stream->input_requested || stream->output_requested) {
      fail("connection %u is closed while a request for it is in the kernel (rule 4)", stream->id);
    }
    if (only_ring_ != nullptr && only_ring_->holds_completion_of(*stream)) {
      fail("connection %u is closed before its last completion was taken (rule 4)", stream->id);
    }
    if (stream->watched) fail("connection %u is closed while epoll watches it", stream->id);
    for (Stream* waiting : stream->backlog) waiting->listener = nullptr;
    stream->backlog.clear();
    stream->closed = true;
    stream->descriptor = -1;
    live_.erase(std::find(live_.begin(), live_.end(), stream));
  }
  closing = Entry{};
  open_--;
  lowest_ = std::min(lowest_, static_cast<uint32_t>(descriptor - kFirst));
}

bool Kernel::is_readable(int descriptor) {
  Entry& asked = entry(descriptor);
  if (asked.counter != nullptr) return *asked.counter > 0;
  if (asked.epoll != nullptr) return asked.epoll->has_something();
  return asked.stream != nullptr && asked.stream->is_readable();
}

Stream& Kernel::make_stream() {
  streams_.push_back(std::make_unique<Stream>(static_cast<uint32_t>(streams_.size() + 1)));
  streams_.back()->capacity = random_.between(1, mood_.room_most);
  return *streams_.back();
}

Stream& Kernel::peer_connects(Stream& listener) {
  Stream& stream = make_stream();
  stream.state = Stream::State::established;
  stream.is_unix = listener.is_unix;
  stream.listener = &listener;
  stream.origin = listener.id;
  listener.backlog.push_back(&stream);
  listener.wakes++;
  return stream;
}

void Kernel::look() {
  if (only_ring_ != nullptr) only_ring_->look();
}

void Kernel::begin_gather() {
  asleep_ = false;
  if (only_ring_ != nullptr) only_ring_->begin_gather();
}

bool Kernel::has_something() {
  if (only_ring_ != nullptr) return only_ring_->has_something();
  return only_epoll_ != nullptr && only_epoll_->has_something();
}

void Kernel::check_receive_memory(const uint8_t* bytes, size_t length) const {
  if (bytes < memory_ || bytes + length > memory_ + memory_bytes_) {
    fail("the kernel is given memory for received bytes outside of the receive memory");
  }
  for (const Reading& reading : readings_) {
    if (bytes < reading.bytes + reading.length && reading.bytes < bytes + length) {
      fail("the kernel is given memory for received bytes that the user still reads (rule 1)");
    }
  }
}

}  // namespace frameport::fuzz
