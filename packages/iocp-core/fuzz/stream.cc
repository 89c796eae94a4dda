#include "stream.h"

#include <errno.h>

#include <algorithm>

#include "failure.h"
#include "kernel.h"
#include "pattern.h"

namespace frameport::fuzz {

bool Stream::was_told(int status) const { return std::find(told.begin(), told.end(), status) != told.end(); }

void peer_sends(Stream& stream, uint32_t bytes) {
  if (stream.end_arrived || stream.broken || stream.error != 0 || stream.closed) return;
  stream.arrived += bytes;
  stream.wakes++;
}

void peer_ends(Stream& stream) {
  if (stream.broken || stream.error != 0 || stream.closed) return;
  stream.end_arrived = true;
  stream.wakes++;
}

void peer_breaks(Stream& stream, int status) {
  if (stream.broken || stream.error != 0 || stream.closed) return;
  stream.error = status;
  stream.wakes++;
}

void peer_reads(Stream& stream, uint64_t bytes) {
  stream.drained += std::min(bytes, stream.taken - stream.drained);
}

int take_error(Stream& stream) {
  const int error = stream.error;
  if (error == 0) return 0;
  stream.error = 0;
  stream.broken = true;
  stream.told.push_back(error);
  return error;
}

ssize_t read_from(Kernel& kernel, Stream& stream, uint8_t* bytes, size_t length) {
  if (stream.state != Stream::State::established) {
    stream.told.push_back(ENOTCONN);
    return -ENOTCONN;
  }
  if (stream.unread() > 0) {
    size_t count = std::min<uint64_t>(length, stream.unread());
    if (count > 1 && kernel.ill(kernel.mood().short_reads)) count = kernel.random().between(1, count - 1);
    kernel.check_receive_memory(bytes, count);
    fill_pattern(stream.id, Way::to_engine, stream.read, bytes, count);
    stream.read += count;
    return static_cast<ssize_t>(count);
  }
  if (const int error = take_error(stream)) return -error;
  return stream.end_arrived || stream.broken ? 0 : -EAGAIN;
}

ssize_t write_to(Kernel& kernel, Stream& stream, const iovec* parts, size_t count) {
  if (stream.state != Stream::State::established) {
    stream.told.push_back(ENOTCONN);
    return -ENOTCONN;
  }
  if (const int error = take_error(stream)) return -error;
  if (stream.broken || stream.ended) {
    stream.told.push_back(EPIPE);
    return -EPIPE;
  }
  uint64_t room = stream.room();
  if (room == 0) return -EAGAIN;
  if (room > 1 && kernel.ill(kernel.mood().short_writes)) room = kernel.random().between(1, room - 1);
  const uint64_t before = stream.taken;
  for (size_t index = 0; index < count && room > 0; index++) {
    const size_t length = std::min<uint64_t>(room, parts[index].iov_len);
    if (!is_pattern(stream.id, Way::from_engine, stream.taken, static_cast<const uint8_t*>(parts[index].iov_base),
                    length)) {
      fail("connection %u: the bytes sent from position %llu on are not its own", stream.id,
           static_cast<unsigned long long>(stream.taken));
    }
    stream.taken += length;
    room -= length;
  }
  return static_cast<ssize_t>(stream.taken - before);
}

Stream* accept_from(Stream& listener) {
  if (listener.backlog.empty()) return nullptr;
  Stream* accepted = listener.backlog.front();
  listener.backlog.pop_front();
  accepted->listener = nullptr;
  return accepted;
}

int shut_down(Stream& stream) {
  if (stream.state != Stream::State::established || stream.broken) {
    stream.told.push_back(ENOTCONN);
    return ENOTCONN;
  }
  stream.ended = true;
  return 0;
}

}  // namespace frameport::fuzz
