// The limit: an echo of frames with epoll on one thread, without JavaScript. Like the other servers, it splits frames,
// checks each length, answers all frames of one read with one send, keeps a partial frame, and stops reading from a
// client that does not take its answers. Prints `listening PORT`.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr size_t kHeaderBytes = 4;
constexpr size_t kPayloadBytesMax = 1024 * 1024;
constexpr size_t kReadBytes = 64 * 1024;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// How many bytes at the start of `bytes` are whole frames.
size_t whole_frames(const uint8_t* bytes, size_t length) {
  size_t end = 0;
  while (length - end >= kHeaderBytes) {
    uint32_t announced = 0;
    std::memcpy(&announced, bytes + end, sizeof announced);
    const size_t payload_bytes = ntohl(announced);
    if (payload_bytes > kPayloadBytesMax) fail("a frame over the limit");
    if (length - end - kHeaderBytes < payload_bytes) break;
    end += kHeaderBytes + payload_bytes;
  }
  return end;
}

class Client {
 public:
  Client(int epoll, int descriptor) : epoll_(epoll), descriptor_(descriptor) { watch(EPOLL_CTL_ADD, EPOLLIN); }
  ~Client() { close(descriptor_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Returns false if the client is gone.
  bool ready(std::vector<uint8_t>& buffer) { return unsent_.empty() ? receive(buffer) : send_rest(); }

 private:
  bool receive(std::vector<uint8_t>& buffer) {
    std::memcpy(buffer.data(), partial_.data(), partial_.size());
    const ssize_t got = recv(descriptor_, buffer.data() + partial_.size(), kReadBytes, 0);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    const size_t length = partial_.size() + static_cast<size_t>(got);
    const size_t end = whole_frames(buffer.data(), length);
    partial_.assign(buffer.data() + end, buffer.data() + length);
    return end == 0 || answer(buffer.data(), end);
  }

  bool answer(const uint8_t* bytes, size_t length) {
    const ssize_t sent = send(descriptor_, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    const size_t taken = sent < 0 ? 0 : static_cast<size_t>(sent);
    if (taken == length) return true;
    unsent_.assign(bytes + taken, bytes + length);
    watch(EPOLL_CTL_MOD, EPOLLOUT);
    return true;
  }

  bool send_rest() {
    const ssize_t sent = send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
    if (unsent_.empty()) watch(EPOLL_CTL_MOD, EPOLLIN);
    return true;
  }

  void watch(int action, uint32_t interest) {
    epoll_event event{};
    event.events = interest;
    event.data.ptr = this;
    if (epoll_ctl(epoll_, action, descriptor_, &event) != 0) fail("epoll_ctl");
  }

  const int epoll_;
  const int descriptor_;
  std::vector<uint8_t> partial_;
  std::vector<uint8_t> unsent_;
};

int listen_on_loopback() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, name, length) != 0 || listen(listener, 511) != 0) fail("listen");
  if (getsockname(listener, name, &length) != 0) fail("getsockname");
  std::printf("listening %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

void accept_all(int epoll, int listener) {
  for (;;) {
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Only the registration in epoll refers to the client.
    new Client(epoll, descriptor);
  }
}

}  // namespace

int main() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int listener = listen_on_loopback();
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll");
  std::vector<uint8_t> buffer(kHeaderBytes + kPayloadBytesMax + kReadBytes);
  epoll_event events[256];
  for (;;) {
    const int ready = epoll_wait(epoll, events, 256, -1);
    for (int at = 0; at < ready; at++) {
      auto* client = static_cast<Client*>(events[at].data.ptr);
      if (client == nullptr) {
        accept_all(epoll, listener);
      } else if (!client->ready(buffer)) {
        delete client;
      }
    }
  }
}
