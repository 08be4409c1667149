// SPDX-License-Identifier: BSD-3-Clause
// Changes of a protobuf message that keep it a message: byte by byte hardly a change would, and most of what
// a fuzzer tried would end in the parser.
#pragma once

#include <google/protobuf/message.h>

#include "traffic/units/random_stream.h"

namespace railyard::fuzz {

// Changes one field of the message or of one within it: to a value at the edge of what is allowed or beyond,
// to none, to one more of a repeated field. Bytes that hold a trace are changed as a trace.
void mutate(google::protobuf::Message& message, RandomStream& random);

}  // namespace railyard::fuzz
