#!/usr/bin/env bash
# Run once by the image, when it has made the database: a keyring in its own volume, and the extension. What is there
# already stays as it is.
set -euo pipefail
keyring=${KEYRING:-/var/lib/llm_admin/keyring}
[ -e "$keyring" ] || bash "$(command -v new-keyring)" --quiet "$keyring"
psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v keyring="$keyring" <<'SQL'
SET client_min_messages = warning;
LOAD 'llm_admin';
ALTER SYSTEM SET llm_admin.keyring_file = :'keyring';
SELECT pg_reload_conf();
CREATE EXTENSION IF NOT EXISTS llm_admin;
SQL
