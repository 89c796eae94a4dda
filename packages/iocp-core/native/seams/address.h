#ifndef FRAMEPORT_ADDRESS_H_
#define FRAMEPORT_ADDRESS_H_

#include <cstddef>
#include <cstdint>

namespace frameport {

// A socket address in the form of the operating system (a sockaddr and its length), opaque above the back ends.
struct Address {
  uint32_t length = 0;
  alignas(8) uint8_t bytes[128] = {};
};

enum class AddressKind : uint8_t { tcp, unix_path };

// The form for JavaScript: `text` is an IP literal (with `%scope` if there is one) or a path.
struct AddressText {
  AddressKind kind = AddressKind::tcp;
  uint16_t port = 0;
  char text[128] = {};
};

}  // namespace frameport

#endif  // FRAMEPORT_ADDRESS_H_
