// A tenant's configuration through node-postgres, in statements of its own; the session's time zone is the server's.
import pg from 'pg';
import { apiKey, doubledHour, other, own, ownEnvelope, question, report, send, skippedHour, stateOf, tenant } from './common.mjs';

const client = new pg.Client();
await client.connect();
const code = (error) => error.code ?? String(error);
const camel = (row) => row && Object.fromEntries(Object.entries(row).map(
  ([name, value]) => [name.replace(/_(.)/g, (all, letter) => letter.toUpperCase()), value]));
const rows = async (text, ...values) => (await client.query(text, values)).rows;
const one = async (text, ...values) => (await rows(text, ...values))[0];

async function entered(work, as = tenant) {
  await client.query('BEGIN');
  try {
    await one('SELECT llm_admin.enter_tenant($1)', as);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

// The same row as the driver has it and, in times, as the server has it.
async function both(found) {
  const row = camel(found);
  const server = await one(`SELECT (extract(epoch FROM created_at) * 1000)::float8 AS created,
    (extract(epoch FROM updated_at) * 1000)::float8 AS updated, (extract(epoch FROM last_tested_at) * 1000)::float8 AS tested
    FROM llm_admin.llm_configs WHERE id = $1`, row.id);
  return { row, server, client: {
    created: row.createdAt.getTime(), updated: row.updatedAt.getTime(), tested: row.lastTestedAt?.getTime() ?? null } };
}

const newKey = async () => own ? ownEnvelope : (await one('SELECT llm_admin.encrypt_key($1) AS envelope', apiKey)).envelope;
const insert = 'INSERT INTO llm_admin.llm_configs (tenant_id, provider, api_key_encrypted';
const ofTenant = 'llm_admin.llm_configs WHERE tenant_id = $1';

const outside = {
  rows: (await rows('SELECT * FROM llm_admin.llm_configs')).length,
  create: await stateOf(rows(`${insert}) VALUES ($1, 'local_demo', $2)`, tenant, ownEnvelope), code) };

const created = await entered(async () => both(await one(
  `${insert}, created_at, last_tested_at) VALUES ($1, 'local_demo', $2, $3, $4) RETURNING *`,
  tenant, await newKey(), skippedHour, doubledHour)));
const found = camel(await entered(() => one(`SELECT * FROM ${ofTenant}`, tenant)));
const updated = await entered(async () => both(await one(
  `UPDATE llm_admin.llm_configs SET default_model = 'demo-model', policy = 'byollm_only' WHERE tenant_id = $1 RETURNING *`, tenant)));

const changed = async (text) => (await client.query(text, [other])).rowCount;
const foreign = await entered(async () => ({
  seen: (await rows(`SELECT FROM ${ofTenant}`, other)).length,
  all: (await rows('SELECT FROM llm_admin.llm_configs')).length,
  updated: await changed(`UPDATE llm_admin.llm_configs SET policy = 'choice' WHERE tenant_id = $1`),
  deleted: await changed(`DELETE FROM ${ofTenant}`) }));
const foreignCreate = await stateOf(
  entered(() => rows(`${insert}) VALUES ($1, 'local_demo', $2)`, `${other}-2`, ownEnvelope)), code);
const foreignMove = await stateOf(
  entered(() => rows(`UPDATE llm_admin.llm_configs SET tenant_id = $1`, `${other}-2`)), code);
// One prepared statement, kept by the session for two tenants.
const prepared = async () => (await client.query({ name: 'mine', text: 'SELECT tenant_id FROM llm_admin.llm_configs' }))
  .rows.map((row) => row.tenant_id);
const switched = [];
for (let times = 0; times < 6; ++times) switched.push(await entered(prepared, times % 2 ? other : tenant));

// The call itself is made between two transactions, as it should be.
const build = (withKey) => entered(() => one(
  `SELECT * FROM llm_admin.build_tenant_request($1, $2, 'byollm', $3)`, tenant, question, withKey));
const opaque = own ? await stateOf(build(true), code) : null;
const request = await build(!own);
const answer = await send(request);
const { extracted } = await one('SELECT llm_admin.extract_response($1, $2, http_status => $3) AS extracted',
  answer.body, request.provider_name, answer.status);
const tested = await entered(async () => {
  await one('SELECT llm_admin.record_llm_test($1, true, 12)', tenant);
  return both(await one(`SELECT * FROM ${ofTenant}`, tenant));
});
const { settings } = await entered(() => one(
  'SELECT llm_admin.put_llm_config($1, $2) AS settings', tenant, { defaultModel: null }));

const upsert = (model) => entered(async () => both(await one(
  `${insert}, default_model) VALUES ($1, 'local_demo', $2, $3) ON CONFLICT (tenant_id)
   DO UPDATE SET default_model = excluded.default_model, updated_at = $4 RETURNING *`,
  tenant, await newKey(), model, doubledHour)));
const upserted = await upsert('demo-model-2');
const gone = await entered(async () => ({
  id: (await one(`DELETE FROM ${ofTenant} RETURNING id`, tenant)).id,
  left: (await rows('SELECT FROM llm_admin.llm_configs')).length }));
const made = await upsert('demo-model-3');

report({ outside, created, found, updated, foreign, foreignCreate, foreignMove, switched, opaque, request,
  status: answer.status, extracted, tested, settings, upserted, gone, made });
await client.end();
