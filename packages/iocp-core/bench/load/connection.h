#ifndef FRAMEPORT_BENCH_CONNECTION_H_
#define FRAMEPORT_BENCH_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "latency.h"
#include "message_format.h"

namespace frameport::bench {

// Memory that all connections use in turn. A connection itself keeps only counters and times.
struct Workspace {
  Workspace(const MessageFormat& format, size_t depth)
      : format(format), depth(depth), in(256 * 1024), out(format.requests(depth)) {}
  const MessageFormat& format;
  const size_t depth;
  std::vector<uint8_t> in;
  std::vector<uint8_t> out;
};

// One client with `depth` messages in flight: each echo allows the next message.
class Connection {
 public:
  Connection(int descriptor, Workspace& workspace)
      : descriptor_(descriptor), workspace_(&workspace), allowed_at_ns_(workspace.depth) {}

  int descriptor() const { return descriptor_; }
  bool idle() const { return expected_ == allowed_; }
  // True if the kernel had no room for all allowed messages: call `flush` when the socket is writable.
  bool blocked() const { return next_ < allowed_; }
  const Latency& latency() const { return latency_; }
  void forget_latency() { latency_ = Latency{}; }

  // Sends one message and waits for its echo.
  void exchange();
  void begin(uint64_t now);
  // Reads once and checks the echoes. If `go_on`, sends a new message for each echo. Returns the number of echoes.
  size_t receive(bool go_on);
  void flush();

 private:
  void allow(size_t count, uint64_t now);
  size_t take(const uint8_t* bytes, size_t length, uint64_t now);
  void take_message(const uint8_t* head, uint8_t last, uint64_t now);

  int descriptor_;
  Workspace* workspace_;
  // When each message in flight was allowed. So the wait for room in the kernel counts too.
  std::vector<uint64_t> allowed_at_ns_;
  Latency latency_;
  uint64_t allowed_ = 0;
  uint64_t next_ = 0;        // the message being sent, of which the kernel has taken `out_offset_` bytes
  size_t out_offset_ = 0;
  uint64_t expected_ = 0;    // the echo being received, of which `in_offset_` bytes have come
  size_t in_offset_ = 0;
  uint8_t head_[kHeaderBytesMax + kSequenceBytes] = {};
};

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_CONNECTION_H_
