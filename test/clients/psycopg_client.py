"""A tenant's configuration through psycopg 3, in statements of its own; the session's time zone is the server's.

Environment, argument and report are those of common.mjs.
"""
import datetime
import json
import os
import re
import sys
import urllib.error
import urllib.request

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

TENANT, OTHER, API_KEY = (os.environ[name] for name in ("TENANT", "OTHER", "API_KEY"))
OWN = sys.argv[1] == "own"
OWN_ENVELOPE = "kms:projects/p/keys/k:CiQAKmNsaWVudA"
QUESTION = {"messages": [{"role": "user", "content": "Good morning"}]}
UTC = datetime.timezone.utc
SKIPPED_HOUR = datetime.datetime(2026, 3, 8, 2, 30, 0, 123000, UTC)
DOUBLED_HOUR = datetime.datetime(2026, 11, 1, 5, 30, 0, 456000, UTC)

connection = psycopg.connect("", autocommit=True, row_factory=dict_row)


def rows(text, *values, **options):
    return connection.execute(text, values, **options).fetchall()


def one(text, *values):
    return rows(text, *values)[0]


def entered(work, tenant=TENANT):
    with connection.transaction():
        one("SELECT llm_admin.enter_tenant(%s)", tenant)
        return work()


def state_of(work):
    try:
        return work()
    except psycopg.Error as error:
        return error.sqlstate


def camel(row):
    return {re.sub("_(.)", lambda letter: letter[1].upper(), name): value for name, value in row.items()}


def milliseconds(time):
    return None if time is None else round(time.timestamp() * 1000)


def both(found):
    """The same row as the driver has it and, in times, as the server has it."""
    row = camel(found)
    server = one(
        """SELECT (extract(epoch FROM created_at) * 1000)::int8 AS created,
           (extract(epoch FROM updated_at) * 1000)::int8 AS updated, (extract(epoch FROM last_tested_at) * 1000)::int8 AS tested
           FROM llm_admin.llm_configs WHERE id = %s""", row["id"])
    return {"row": row, "server": server, "client": {
        "created": milliseconds(row["createdAt"]), "updated": milliseconds(row["updatedAt"]),
        "tested": milliseconds(row["lastTestedAt"])}}


def new_key():
    return OWN_ENVELOPE if OWN else one("SELECT llm_admin.encrypt_key(%s) AS envelope", API_KEY)["envelope"]


def send(request):
    headers = dict(request["headers"])
    if OWN:
        headers["Authorization"] = f"Bearer {API_KEY}"
    message = urllib.request.Request(
        request["url"], json.dumps(request["body"]).encode(), headers, method=request["method"])
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(message, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


INSERT = "INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted"
OF_TENANT = "llm_admin.llm_configs WHERE tenant_id = %s"
report = {}

report["outside"] = {
    "rows": len(rows("SELECT * FROM llm_admin.llm_configs")),
    "create": state_of(lambda: connection.execute(f"{INSERT}) VALUES (%s, 'local_demo', %s)", (TENANT, OWN_ENVELOPE)))}
report["created"] = entered(lambda: both(one(
    f"{INSERT}, created_at, last_tested_at) VALUES (%s, 'local_demo', %s, %s, %s) RETURNING *",
    TENANT, new_key(), SKIPPED_HOUR, DOUBLED_HOUR)))
report["found"] = camel(entered(lambda: one(f"SELECT * FROM {OF_TENANT}", TENANT)))
report["updated"] = entered(lambda: both(one(
    "UPDATE llm_admin.llm_configs SET default_model = 'demo-model', policy = 'byollm_only' WHERE tenant_id = %s RETURNING *",
    TENANT)))

report["foreign"] = entered(lambda: {
    "seen": len(rows(f"SELECT FROM {OF_TENANT}", OTHER)),
    "all": len(rows("SELECT FROM llm_admin.llm_configs")),
    "updated": connection.execute("UPDATE llm_admin.llm_configs SET policy = 'choice' WHERE tenant_id = %s", (OTHER,)).rowcount,
    "deleted": connection.execute(f"DELETE FROM {OF_TENANT}", (OTHER,)).rowcount})
report["foreignCreate"] = state_of(lambda: entered(lambda: rows(
    f"{INSERT}) VALUES (%s, 'local_demo', %s) RETURNING id", OTHER + "-2", OWN_ENVELOPE)))
report["foreignMove"] = state_of(lambda: entered(lambda: rows(
    "UPDATE llm_admin.llm_configs SET tenant_id = %s RETURNING id", OTHER + "-2")))
# One prepared statement, kept by the session for two tenants.
report["switched"] = [
    entered(lambda: [row["tenant_id"] for row in rows("SELECT tenant_id FROM llm_admin.llm_configs", prepare=True)],
            OTHER if times % 2 else TENANT) for times in range(6)]


def build(with_key):
    return entered(lambda: one(
        "SELECT * FROM llm_admin.build_tenant_request(%s, %s, 'byollm', %s)", TENANT, Jsonb(QUESTION), with_key))


# The call itself is made between two transactions, as it should be.
report["opaque"] = state_of(lambda: build(True)) if OWN else None
report["request"] = request = build(not OWN)
report["status"], body = send(request)
report["extracted"] = one("SELECT llm_admin.extract_response(%s, %s, http_status => %s) AS r",
                          body, request["provider_name"], report["status"])["r"]


def record():
    one("SELECT llm_admin.record_llm_test(%s, true, 12)", TENANT)
    return both(one(f"SELECT * FROM {OF_TENANT}", TENANT))


report["tested"] = entered(record)
report["settings"] = entered(lambda: one(
    "SELECT llm_admin.put_llm_config(%s, %s) AS settings", TENANT, Jsonb({"defaultModel": None})))["settings"]


def upsert(model):
    return entered(lambda: both(one(
        f"""{INSERT}, default_model) VALUES (%s, 'local_demo', %s, %s) ON CONFLICT (tenant_id)
            DO UPDATE SET default_model = excluded.default_model, updated_at = %s RETURNING *""",
        TENANT, new_key(), model, DOUBLED_HOUR)))


report["upserted"] = upsert("demo-model-2")
report["gone"] = entered(lambda: {
    "id": one(f"DELETE FROM {OF_TENANT} RETURNING id", TENANT)["id"], "left": len(rows("SELECT FROM llm_admin.llm_configs"))})
report["made"] = upsert("demo-model-3")

print(json.dumps(report, default=str, indent=1))
