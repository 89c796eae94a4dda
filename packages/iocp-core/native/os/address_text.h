#ifndef FRAMEPORT_ADDRESS_TEXT_H_
#define FRAMEPORT_ADDRESS_TEXT_H_

#include <cstdint>

#include "../seams/address.h"

namespace frameport {

// 0, or the error number: EINVAL for text that is not an IP literal, ENAMETOOLONG for a path that does not fit.
int32_t parse_address(const AddressText& text, Address& address);
AddressText format_address(const Address& address);

}  // namespace frameport

#endif  // FRAMEPORT_ADDRESS_TEXT_H_
