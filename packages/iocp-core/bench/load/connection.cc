#include "connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fault.h"

namespace frameport::bench {

void Connection::exchange() {
  allow(1, now_ns());
  flush();
  while (!idle()) {
    uint8_t* in = workspace_->in.data();
    const ssize_t got = recv(descriptor_, in, workspace_->in.size(), 0);
    if (got <= 0) fail("the first echo of a connection did not come");
    take(in, static_cast<size_t>(got), now_ns());
  }
}

void Connection::begin(uint64_t now) {
  allow(workspace_->depth, now);
  flush();
}

void Connection::allow(size_t count, uint64_t now) {
  for (size_t at = 0; at < count; at++) allowed_at_ns_[allowed_++ % workspace_->depth] = now;
}

size_t Connection::receive(bool go_on) {
  uint8_t* in = workspace_->in.data();
  const ssize_t got = recv(descriptor_, in, workspace_->in.size(), MSG_DONTWAIT);
  if (got == 0) fail("the server closed a connection");
  if (got < 0) {
    if (errno == EAGAIN) return 0;
    fail("recv");
  }
  const uint64_t now = now_ns();
  const size_t messages = take(in, static_cast<size_t>(got), now);
  if (go_on && messages > 0) {
    allow(messages, now);
    flush();
  }
  return messages;
}

void Connection::flush() {
  const MessageFormat& format = workspace_->format;
  const size_t message_bytes = format.request_bytes();
  while (next_ < allowed_) {
    const size_t count = allowed_ - next_;
    uint8_t* out = workspace_->out.data();
    for (size_t at = 0; at < count; at++) format.stamp(out + at * message_bytes, next_ + at);
    const ssize_t sent =
        send(descriptor_, out + out_offset_, count * message_bytes - out_offset_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EAGAIN) return;
      fail("send");
    }
    out_offset_ += static_cast<size_t>(sent);
    next_ += out_offset_ / message_bytes;
    out_offset_ %= message_bytes;
  }
}

size_t Connection::take(const uint8_t* bytes, size_t length, uint64_t now) {
  const size_t message_bytes = workspace_->format.response_bytes();
  const size_t head_bytes = workspace_->format.response_head_bytes();
  size_t messages = 0;
  size_t at = 0;
  while (at < length) {
    if (in_offset_ == 0 && length - at >= message_bytes) {
      take_message(bytes + at, bytes[at + message_bytes - 1], now);
      at += message_bytes;
      messages++;
      continue;
    }
    const size_t piece = std::min(length - at, message_bytes - in_offset_);
    if (in_offset_ < head_bytes) {
      std::memcpy(head_ + in_offset_, bytes + at, std::min(piece, head_bytes - in_offset_));
    }
    at += piece;
    in_offset_ += piece;
    if (in_offset_ < message_bytes) break;
    in_offset_ = 0;
    take_message(head_, bytes[at - 1], now);
    messages++;
  }
  return messages;
}

void Connection::take_message(const uint8_t* head, uint8_t last, uint64_t now) {
  if (expected_ == next_) fail("an echo came of a message that was not sent");
  workspace_->format.check(head, last, expected_);
  latency_.record(now - allowed_at_ns_[expected_ % workspace_->depth]);
  expected_++;
}

}  // namespace frameport::bench
