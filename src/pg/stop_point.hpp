// Named points of long work at which a test can stop, fail or kill the backend. The shipped library holds no
// test code: a point calls the function that the test module has put into the server's rendezvous variable
// "llm_admin.stop_point", and does nothing when there is none.
#pragma once

namespace llm_admin::pg {

// `name` is a constant such as "rotate_root_key.half". What the function raises passes as any server error.
void stop_point(const char* name);

}  // namespace llm_admin::pg
