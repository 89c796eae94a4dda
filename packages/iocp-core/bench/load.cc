// A load of echoed frames: N connections, each with D frames on their way, over epoll on one thread. Every payload
// begins with the connection's sequence number, and every echo is checked for it, its length and its last byte.
//
//   load PORT CONNECTIONS DEPTH PAYLOAD_BYTES WARM_UP_MS MEASURE_MS
//
// Prints "FRAMES NANOSECONDS ALL_FRAMES" (in the measured time, that time, from the start to the end) and exits 0, or
// says what was wrong and exits 1. At the end every echo on its way is awaited, so that the server sees orderly ends.

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kSequenceBytes = 8;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "load: %s (%s)\n", what, std::strerror(errno));
  std::exit(1);
}

[[noreturn]] void refuse(const char* what, uint64_t expected, uint64_t actual) {
  std::fprintf(stderr, "load: %s: expected %llu, got %llu\n", what, static_cast<unsigned long long>(expected),
               static_cast<unsigned long long>(actual));
  std::exit(1);
}

uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

class Connection {
 public:
  Connection(int descriptor, size_t payload_bytes, size_t depth)
      : descriptor_(descriptor),
        frame_bytes_(kHeaderBytes + payload_bytes),
        in_(frame_bytes_ * depth),
        out_(frame_bytes_ * depth) {}

  void send_first(size_t depth) { send_frames(depth); }

  bool idle() const { return expected_ == next_; }

  // Reads once, checks what is whole and, while the load goes on, answers it with as many new frames in one send.
  // Returns their number.
  size_t receive(bool go_on) {
    const ssize_t got = recv(descriptor_, in_.data() + in_filled_, in_.size() - in_filled_, 0);
    if (got == 0) fail("the server closed a connection");
    if (got < 0) {
      if (errno == EAGAIN) return 0;
      fail("recv");
    }
    in_filled_ += static_cast<size_t>(got);
    const size_t frames = in_filled_ / frame_bytes_;
    for (size_t at = 0; at < frames; ++at) check(in_.data() + at * frame_bytes_);
    in_filled_ -= frames * frame_bytes_;
    std::memmove(in_.data(), in_.data() + frames * frame_bytes_, in_filled_);
    if (go_on && frames > 0) send_frames(frames);
    return frames;
  }

 private:
  void check(const uint8_t* frame) {
    uint32_t length = 0;
    uint64_t sequence = 0;
    std::memcpy(&length, frame, sizeof length);
    std::memcpy(&sequence, frame + kHeaderBytes, sizeof sequence);
    if (ntohl(length) != frame_bytes_ - kHeaderBytes) refuse("length", frame_bytes_ - kHeaderBytes, ntohl(length));
    if (sequence != expected_) refuse("sequence number", expected_, sequence);
    const uint8_t last = static_cast<uint8_t>(sequence * 31);
    if (frame_bytes_ > kHeaderBytes + kSequenceBytes && frame[frame_bytes_ - 1] != last) {
      refuse("last byte", last, frame[frame_bytes_ - 1]);
    }
    ++expected_;
  }

  // Never more than the depth is on its way, so that the socket's buffer takes everything at once.
  void send_frames(size_t count) {
    for (size_t at = 0; at < count; ++at, ++next_) {
      uint8_t* frame = out_.data() + at * frame_bytes_;
      const uint32_t length = htonl(static_cast<uint32_t>(frame_bytes_ - kHeaderBytes));
      std::memcpy(frame, &length, sizeof length);
      std::memcpy(frame + kHeaderBytes, &next_, sizeof next_);
      if (frame_bytes_ > kHeaderBytes + kSequenceBytes) frame[frame_bytes_ - 1] = static_cast<uint8_t>(next_ * 31);
    }
    const ssize_t sent = send(descriptor_, out_.data(), count * frame_bytes_, MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(count * frame_bytes_)) fail("a send was not taken whole: lower the depth");
  }

  int descriptor_;
  size_t frame_bytes_;
  std::vector<uint8_t> in_;
  std::vector<uint8_t> out_;
  size_t in_filled_ = 0;
  uint64_t expected_ = 0;
  uint64_t next_ = 0;
};

int connect_to(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
  return descriptor;
}

uint64_t run_for(int epoll, std::vector<Connection>& connections, uint64_t duration_ns) {
  epoll_event events[256];
  uint64_t frames = 0;
  const uint64_t end = now_ns() + duration_ns;
  while (now_ns() < end) {
    const int ready = epoll_wait(epoll, events, 256, 1000);
    if (ready == 0) fail("no echo came for a second");
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int at = 0; at < ready; ++at) frames += connections[events[at].data.u32].receive(true);
  }
  return frames;
}

uint64_t finish(int epoll, std::vector<Connection>& connections) {
  epoll_event events[256];
  uint64_t frames = 0;
  size_t busy = 0;
  for (const Connection& connection : connections) busy += connection.idle() ? 0 : 1;
  while (busy > 0) {
    const int ready = epoll_wait(epoll, events, 256, 1000);
    if (ready == 0) fail("the last echoes did not come");
    for (int at = 0; at < ready; ++at) {
      Connection& connection = connections[events[at].data.u32];
      frames += connection.receive(false);
      if (connection.idle()) --busy;
    }
  }
  return frames;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    std::fprintf(stderr, "usage: load PORT CONNECTIONS DEPTH PAYLOAD_BYTES WARM_UP_MS MEASURE_MS\n");
    return 1;
  }
  const auto port = static_cast<uint16_t>(std::atoi(arguments[1]));
  const auto amount = static_cast<uint32_t>(std::atoi(arguments[2]));
  const auto depth = static_cast<size_t>(std::atoi(arguments[3]));
  const auto payload_bytes = static_cast<size_t>(std::atoi(arguments[4]));
  const auto warm_up_ns = static_cast<uint64_t>(std::atoi(arguments[5])) * 1'000'000u;
  const auto measure_ns = static_cast<uint64_t>(std::atoi(arguments[6])) * 1'000'000u;
  if (payload_bytes < kSequenceBytes) fail("a payload needs 8 bytes for its sequence number");

  const int epoll = epoll_create1(0);
  if (epoll < 0) fail("epoll_create1");
  std::vector<Connection> connections;
  connections.reserve(amount);
  for (uint32_t at = 0; at < amount; ++at) {
    const int descriptor = connect_to(port);
    connections.emplace_back(descriptor, payload_bytes, depth);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = at;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }
  for (Connection& connection : connections) connection.send_first(depth);

  const uint64_t warm_up_frames = run_for(epoll, connections, warm_up_ns);
  const uint64_t begin = now_ns();
  const uint64_t frames = run_for(epoll, connections, measure_ns);
  const uint64_t elapsed_ns = now_ns() - begin;
  const uint64_t all_frames = warm_up_frames + frames + finish(epoll, connections);
  std::printf("%llu %llu %llu\n", static_cast<unsigned long long>(frames), static_cast<unsigned long long>(elapsed_ns),
              static_cast<unsigned long long>(all_frames));
  return 0;
}
