// Reads the keyring file, and only one that nobody but the server's user (or root) can have written or read.
//
// Required, each with its own error{LA030}, DETAIL and HINT: an absolute path; a last component that is not a
// symbolic link (links among its directories are resolved first); a regular file; owned by the server's user
// with no bits beyond 0600 or by root with none beyond 0640; a resolved parent directory that not everybody
// can write to
// (/tmp counts as such); a resolved place outside every forbidden directory; at most 1 MB. The checks look at
// the descriptor that is then read, so nothing can be exchanged between check and use. Never blocks on a
// FIFO.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/secret_bytes.hpp"

namespace llm_admin::crypto {

struct keyring_file_policy {
  uid_t server_uid = 0;                            // whose file it must be, unless it is root's
  std::vector<std::string> forbidden_directories;  // data directory, tablespaces; resolved before comparing
};

// The content, unparsed (see core/crypto/keyring.hpp). Throws error{LA030} or std::bad_alloc.
secret_bytes read_keyring_file(const std::string& path, const keyring_file_policy& policy);

}  // namespace llm_admin::crypto
