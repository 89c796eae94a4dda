#include "connect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "fault.h"

namespace frameport::bench {

int connect_to(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
  // If the server does not answer, the run fails instead of waiting forever.
  const timeval patience{10, 0};
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) fail("setsockopt");
  return descriptor;
}

void upgrade_to_web_socket(int descriptor) {
  const std::string request =
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  if (send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    fail("the handshake was not sent");
  }
  std::string response;
  while (response.find("\r\n\r\n") == std::string::npos) {
    char piece[1024];
    const ssize_t got = recv(descriptor, piece, sizeof piece, 0);
    if (got <= 0) fail("the handshake was not answered");
    response.append(piece, static_cast<size_t>(got));
  }
  // The answer to the sample key of RFC 6455, section 1.3.
  const bool accepted = response.rfind("HTTP/1.1 101 ", 0) == 0 &&
                        response.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos;
  if (!accepted) fail("the handshake was refused");
}

}  // namespace frameport::bench
