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

// The bytes of one message on the wire, as a request and as a response. All messages of a run have the same length.
class MessageFormat {
 public:
  // A length of four bytes, big-endian, before each payload, in both directions.
  static MessageFormat frames(size_t payload_bytes);
  // Binary messages of RFC 6455, one frame each; requests are masked. All use the same mask: the server has the same
  // work as with any other mask, and the load masks only the sequence number and the last byte.
  static MessageFormat web_socket(size_t payload_bytes);

  size_t request_bytes() const { return request_.size(); }
  size_t response_bytes() const { return response_header_.size() + payload_bytes_; }
  size_t response_head_bytes() const { return response_header_.size() + kSequenceBytes; }

  // `count` requests in a row. `stamp` each of them before its use.
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
