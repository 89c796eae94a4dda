#include "message_format.h"

#include <cstring>
#include <utility>

#include "fault.h"

namespace frameport::bench {

namespace {

void append_big_endian(std::vector<uint8_t>& bytes, uint64_t value, size_t width) {
  for (size_t at = width; at-- > 0;) bytes.push_back(static_cast<uint8_t>(value >> (8 * at)));
}

// RFC 6455, section 5.2: final frame, binary, then the length in 7, 16 or 64 bits.
std::vector<uint8_t> web_socket_header(size_t payload_bytes, uint8_t mask_bit) {
  std::vector<uint8_t> header = {0x82};
  if (payload_bytes < 126) {
    header.push_back(static_cast<uint8_t>(mask_bit | payload_bytes));
  } else if (payload_bytes <= 0xffff) {
    header.push_back(mask_bit | 126);
    append_big_endian(header, payload_bytes, 2);
  } else {
    header.push_back(mask_bit | 127);
    append_big_endian(header, payload_bytes, 8);
  }
  return header;
}

}  // namespace

MessageFormat MessageFormat::frames(size_t payload_bytes) {
  std::vector<uint8_t> header;
  append_big_endian(header, payload_bytes, 4);
  return {payload_bytes, header, {0, 0, 0, 0}, header};
}

MessageFormat MessageFormat::web_socket(size_t payload_bytes) {
  const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  std::vector<uint8_t> request_header = web_socket_header(payload_bytes, 0x80);
  request_header.insert(request_header.end(), mask, mask + 4);
  return {payload_bytes, std::move(request_header), mask, web_socket_header(payload_bytes, 0)};
}

MessageFormat::MessageFormat(size_t payload_bytes, std::vector<uint8_t> request_header, const uint8_t (&mask)[4],
                             std::vector<uint8_t> response_header)
    : payload_bytes_(payload_bytes),
      request_header_bytes_(request_header.size()),
      request_(std::move(request_header)),
      response_header_(std::move(response_header)) {
  if (payload_bytes < kPayloadBytesMin) fail("a payload needs 9 bytes for its sequence number and its last byte");
  std::memcpy(mask_, mask, sizeof mask_);
  for (size_t at = 0; at < payload_bytes; at++) {
    request_.push_back(static_cast<uint8_t>('a' + at % 26) ^ mask_[at % 4]);
  }
}

std::vector<uint8_t> MessageFormat::requests(size_t count) const {
  std::vector<uint8_t> bytes;
  bytes.reserve(count * request_.size());
  for (size_t at = 0; at < count; at++) bytes.insert(bytes.end(), request_.begin(), request_.end());
  return bytes;
}

void MessageFormat::stamp(uint8_t* request, uint64_t sequence) const {
  uint8_t masked[kSequenceBytes];
  std::memcpy(masked, &sequence, sizeof masked);
  for (size_t at = 0; at < kSequenceBytes; at++) masked[at] ^= mask_[at % 4];
  std::memcpy(request + request_header_bytes_, masked, sizeof masked);
  request[request_.size() - 1] = last_byte_of(sequence) ^ mask_[(payload_bytes_ - 1) % 4];
}

void MessageFormat::check(const uint8_t* head, uint8_t last, uint64_t expected) const {
  const size_t header_bytes = response_header_.size();
  for (size_t at = 0; at < header_bytes; at++) {
    if (head[at] != response_header_[at]) refuse("byte of a header", response_header_[at], head[at]);
  }
  uint64_t sequence = 0;
  std::memcpy(&sequence, head + header_bytes, sizeof sequence);
  if (sequence != expected) refuse("sequence number", expected, sequence);
  if (last != last_byte_of(expected)) refuse("last byte", last_byte_of(expected), last);
}

}  // namespace frameport::bench
