// Reads the keyring file, and only one that nobody but the server's user (or root) can have written or read.
//
// Required, each with its own error{LA030}, DETAIL and HINT:
//   - an absolute path, and at its end a regular file of at most 1 MB
//   - owned by the server's user with no bits beyond 0600, or by root with none beyond 0640
//   - in a folder that not everybody can write to (/tmp counts as one that everybody can; one on a file system
//     mounted read-only does not)
//   - outside every forbidden directory, by the end of all links
//   - where links are followed, every link and folder on the way belongs to root or the server's user, and
//     nobody else can write to the folders; only folders may lie in one with the sticky bit
// The checks look at the descriptors that are then used, so nothing can be exchanged between check and use.
// Never blocks on a FIFO.
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
