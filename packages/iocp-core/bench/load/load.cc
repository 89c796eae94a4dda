// Clients of an echo server, on one thread with epoll. Every message carries a sequence number of its connection. The
// program checks the header, this number and the last byte of every echo.
//
//   load run  FORMAT PORT CONNECTIONS DEPTH PAYLOAD_BYTES WARM_UP_MS MEASURE_MS
//   load hold FORMAT PORT CONNECTIONS…
//
// FORMAT is `frames` or `ws`. `run` keeps DEPTH messages in flight on each connection and prints one line of JSON.
// `hold` opens connections until it has the first number, exchanges one message on each, prints `held NUMBER`, and
// waits for a line of input before it continues with the next number. Both wait for every echo before they close, so
// that the server sees orderly ends. They exit with 0, or print what was wrong and exit with 1.

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "connect.h"
#include "connection.h"
#include "fault.h"

namespace frameport::bench {

namespace {

uint64_t number(const char* text) {
  char* end = nullptr;
  const uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') fail("an argument is no number");
  return value;
}

bool is_web_socket(const char* format) {
  if (std::strcmp(format, "ws") == 0) return true;
  if (std::strcmp(format, "frames") == 0) return false;
  fail("the format is frames or ws");
}

MessageFormat format_of(const char* format, size_t payload_bytes) {
  return is_web_socket(format) ? MessageFormat::web_socket(payload_bytes) : MessageFormat::frames(payload_bytes);
}

// Exchanges one message immediately: then the server has accepted the connection, however short its backlog is.
Connection open(const char* format, uint16_t port, Workspace& workspace) {
  const int descriptor = connect_to(port);
  if (is_web_socket(format)) upgrade_to_web_socket(descriptor);
  Connection connection(descriptor, workspace);
  connection.exchange();
  return connection;
}

class Load {
 public:
  Load(const char* format, uint16_t port, size_t amount, Workspace& workspace) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
    connections_.reserve(amount);
    for (size_t at = 0; at < amount; at++) {
      connections_.push_back(open(format, port, workspace));
      watch(EPOLL_CTL_ADD, at, EPOLLIN);
    }
    blocked_.resize(amount, false);
  }

  void begin() {
    for (size_t at = 0; at < connections_.size(); at++) {
      connections_[at].begin(now_ns());
      watch_blocked(at);
    }
  }

  uint64_t run_for(uint64_t duration_ns) {
    uint64_t messages = 0;
    const uint64_t end = now_ns() + duration_ns;
    while (now_ns() < end) messages += turn(true);
    return messages;
  }

  uint64_t finish() {
    uint64_t messages = 0;
    while (!all_idle()) messages += turn(false);
    return messages;
  }

  void forget_latency() {
    for (Connection& connection : connections_) connection.forget_latency();
  }

  Latency latency_of_all() const {
    Latency all;
    for (const Connection& connection : connections_) all.add(connection.latency());
    return all;
  }

  uint64_t slowest(double part) const {
    uint64_t slowest = 0;
    for (const Connection& connection : connections_) slowest = std::max(slowest, connection.latency().percentile(part));
    return slowest;
  }

 private:
  uint64_t turn(bool go_on) {
    epoll_event events[256];
    const int ready = epoll_wait(epoll_, events, 256, 5000);
    if (ready == 0) fail("no echo came for five seconds");
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    uint64_t messages = 0;
    for (int at = 0; at < ready; at++) {
      const size_t index = events[at].data.u64;
      if ((events[at].events & EPOLLOUT) != 0) connections_[index].flush();
      if ((events[at].events & ~static_cast<uint32_t>(EPOLLOUT)) != 0) messages += connections_[index].receive(go_on);
      watch_blocked(index);
    }
    return messages;
  }

  bool all_idle() const {
    return std::all_of(connections_.begin(), connections_.end(), [](const Connection& one) { return one.idle(); });
  }

  void watch_blocked(size_t index) {
    const bool blocked = connections_[index].blocked();
    if (blocked == blocked_[index]) return;
    blocked_[index] = blocked;
    watch(EPOLL_CTL_MOD, index, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void watch(int action, size_t index, uint32_t interest) {
    epoll_event event{};
    event.events = interest;
    event.data.u64 = index;
    if (epoll_ctl(epoll_, action, connections_[index].descriptor(), &event) != 0) fail("epoll_ctl");
  }

  const int epoll_;
  std::vector<Connection> connections_;
  std::vector<bool> blocked_;
};

int run(char** arguments) {
  const MessageFormat format = format_of(arguments[0], number(arguments[4]));
  Workspace workspace(format, number(arguments[3]));
  const size_t amount = number(arguments[2]);
  Load load(arguments[0], static_cast<uint16_t>(number(arguments[1])), amount, workspace);
  load.begin();
  uint64_t all = amount + load.run_for(number(arguments[5]) * 1'000'000u);
  load.forget_latency();
  const uint64_t begin = now_ns();
  const uint64_t messages = load.run_for(number(arguments[6]) * 1'000'000u);
  const uint64_t elapsed_ns = now_ns() - begin;
  const Latency latency = load.latency_of_all();
  const uint64_t slowest = load.slowest(0.99);
  all += messages + load.finish();
  std::printf("{\"frames\":%llu,\"elapsedNs\":%llu,\"allFrames\":%llu,\"medianNs\":%llu,\"p99Ns\":%llu,"
              "\"slowestP99Ns\":%llu}\n",
              static_cast<unsigned long long>(messages), static_cast<unsigned long long>(elapsed_ns),
              static_cast<unsigned long long>(all), static_cast<unsigned long long>(latency.percentile(0.5)),
              static_cast<unsigned long long>(latency.percentile(0.99)), static_cast<unsigned long long>(slowest));
  return 0;
}

int hold(int count, char** arguments) {
  const MessageFormat format = format_of(arguments[0], 64);
  Workspace workspace(format, 1);
  const auto port = static_cast<uint16_t>(number(arguments[1]));
  std::vector<int> descriptors;
  for (int at = 2; at < count; at++) {
    const size_t amount = number(arguments[at]);
    while (descriptors.size() < amount) descriptors.push_back(open(arguments[0], port, workspace).descriptor());
    std::printf("held %zu\n", amount);
    std::fflush(stdout);
    int read = std::getchar();
    while (read != '\n' && read != EOF) read = std::getchar();
  }
  for (const int descriptor : descriptors) close(descriptor);
  return 0;
}

}  // namespace

}  // namespace frameport::bench

int main(int count, char** arguments) {
  if (count == 9 && std::strcmp(arguments[1], "run") == 0) return frameport::bench::run(arguments + 2);
  if (count >= 5 && std::strcmp(arguments[1], "hold") == 0) return frameport::bench::hold(count - 2, arguments + 2);
  std::fprintf(stderr,
               "usage: load run  frames|ws PORT CONNECTIONS DEPTH PAYLOAD_BYTES WARM_UP_MS MEASURE_MS\n"
               "       load hold frames|ws PORT CONNECTIONS...\n");
  return 1;
}
