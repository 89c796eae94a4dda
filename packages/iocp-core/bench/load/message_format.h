#ifndef FRAMEPORT_BENCH_MESSAGE_FORMAT_H_
#define FRAMEPORT_BENCH_MESSAGE_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace frameport::bench {

// Every payload begins with a sequence number and ends with a byte made from it.
constexpr size_t kSequenceBytes = 8;
constexpr size_t kPayloadBytesMin = kSequenceBytes + 1;
constexpr size_t kHeaderBytesMax = 14;  // a masked WebSocket header with a length of 64 bits

inline uint8_t last_byte_of(uint64_t sequence) { return static_cast<uint8_t>(sequence * 31 + 7); }

// How one message looks on the wire, on the way there and back. All messages of a run have one length.
class MessageFormat {
 public:
  // Four bytes of length, most significant first, in both directions.
  static MessageFormat frames(size_t payload_bytes);
  // Binary messages of RFC 6455 in one frame each, masked on the way there. The mask is the same for all: it keeps
  // the server busy as any other would, and costs the load two bytes of work.
  static MessageFormat web_socket(size_t payload_bytes);

  size_t request_bytes() const { return request_.size(); }
  size_t response_bytes() const { return response_header_.size() + payload_bytes_; }
  size_t response_head_bytes() const { return response_header_.size() + kSequenceBytes; }

  // `count` requests one behind the other, to be stamped before each use.
  std::vector<uint8_t> requests(size_t count) const;
  void stamp(uint8_t* request, uint64_t sequence) const;
  // `head` is the header and the sequence number of a response.
  void check(const uint8_t* head, uint8_t last, uint64_t expected) const;

 private:
  MessageFormat(size_t payload_bytes, std::vector<uint8_t> request_header, const uint8_t (&mask)[4],
                std::vector<uint8_t> response_header);

  size_t payload_bytes_;
  size_t request_header_bytes_;
  uint8_t mask_[4];
  std::vector<uint8_t> request_;
  std::vector<uint8_t> response_header_;
};

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_MESSAGE_FORMAT_H_
