#ifndef FRAMEPORT_FUZZ_STREAM_H_
#define FRAMEPORT_FUZZ_STREAM_H_

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace frameport::fuzz {

class Kernel;

// One socket of the engine and the peer at its other end, as the kernel sees them. It outlives its descriptor, so that
// the model can still check its bytes.
struct Stream {
  enum class State : uint8_t { fresh, listening, connecting, established, refused };

  explicit Stream(uint32_t id) : id(id) {}

  const uint32_t id;
  int descriptor = -1;  // -1 before the stream has one, and after its close
  bool closed = false;
  bool is_unix = false;
  State state = State::fresh;

  // From the peer.
  uint64_t arrived = 0;
  uint64_t read = 0;
  bool end_arrived = false;
  // To the peer.
  uint64_t taken = 0;
  uint64_t drained = 0;  // by the peer
  uint32_t capacity = 1;
  bool ended = false;  // shut down by the engine
  // The pending error. One call returns it; then receives return 0 and sends return EPIPE.
  int error = 0;
  bool broken = false;
  bool linger_reset = false;
  // All errors that calls and completions returned.
  std::vector<int> told;
  // Counts the wake-ups of requests that wait for input.
  uint64_t wakes = 0;

  std::deque<Stream*> backlog;
  Stream* listener = nullptr;  // the listener whose backlog holds it
  uint32_t origin = 0;         // the number of the listener that it connected to

  // For the rules of thrift.h.
  // Set when the user stops. It counts two submissions, because one may be on its way to the kernel at that moment.
  static constexpr int kStopHolds = 2;
  int input_stopped = 0;
  bool without_buffer = false;   // its last receive ended with ENOBUFS
  bool look_unanswered = false;  // the poll(2) that looked for a hang-up failed

  // Whether the ring has an unanswered request. The contract allows one for input and one for output.
  bool input_requested = false;
  bool output_requested = false;
  // In an epoll set.
  bool watched = false;
  uint32_t watched_for = 0;
  uint64_t watched_data = 0;

  uint64_t unread() const { return arrived - read; }
  uint64_t room() const { return capacity - (taken - drained); }
  bool is_readable() const {
    if (state == State::listening) return !backlog.empty();
    return state == State::established && (unread() > 0 || end_arrived || error != 0 || broken);
  }
  bool is_writable() const {
    if (state == State::refused) return true;
    return state == State::established && (room() > 0 || ended || error != 0 || broken);
  }
  bool is_hung_up() const { return state == State::refused || broken || (end_arrived && ended); }
  bool was_told(int status) const;
};

// Actions of the peer. Each one except `peer_reads` wakes a waiting receive.
void peer_sends(Stream& stream, uint32_t bytes);
void peer_ends(Stream& stream);
void peer_breaks(Stream& stream, int status);
void peer_reads(Stream& stream, uint64_t bytes);

// What the kernel does for a call or a request. Both return the number of bytes or the negated error number, -EAGAIN
// if a call would wait.
ssize_t read_from(Kernel& kernel, Stream& stream, uint8_t* bytes, size_t length);
ssize_t write_to(Kernel& kernel, Stream& stream, const iovec* parts, size_t count);
// The next connection, without a descriptor yet; null if there is none.
Stream* accept_from(Stream& listener);
int shut_down(Stream& stream);
// Returns the pending error and clears it.
int take_error(Stream& stream);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_STREAM_H_
