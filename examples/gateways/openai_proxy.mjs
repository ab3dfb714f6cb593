// A gateway in one file: it speaks OpenAI's API to its callers, and asks the database before and after each call.
//
//   npm install pg; PGHOST=… PGUSER=gateway node openai_proxy.mjs        Node.js 18.17 or newer
//
// The role has level app: SELECT llm_admin.grant_access('gateway', 'app'). Callers send their access key as the bearer token.
// PORT is where it listens (8080), CALL_TIMEOUT_MS how long a vendor may take (600000).
import http from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { ConfigFollower } from './follow_config.mjs';

const timeoutMs = Number(process.env.CALL_TIMEOUT_MS ?? 600_000);
const longestBody = 32 << 20;
const mostAttempts = 3;
const pool = new pg.Pool({ max: Number(process.env.POOL_SIZE ?? 10) });
pool.on('error', () => {});  // an idle connection broke: the next query makes another one
const config = new ConfigFollower();

// One statement, and so one transaction, each: nothing of a call is held while the vendor works.
const begin = async (params, options) => (await pool.query(
  'SELECT * FROM llm_admin.begin_call($1::json, options => $2::jsonb)', [params, options])).rows[0];
const finish = async (call, { body, status, started, ...rest }) => (await pool.query(
  'SELECT * FROM llm_admin.finish_call($1::uuid, $2, $3, $4, $5::jsonb)',
  [call.call_id, body ?? null, status ?? null, Date.now() - started,
    // Where the row of the call is gone (it expired, a failover lost it), the receipt says what it was.
    { ...rest, receipt: call.receipt }])).rows[0];

// What the vendor has done is recorded whatever happens to the database: finish_call may be sent as often as need be.
async function settle(call, outcome) {
  for (let wait = 100; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await finish(call, outcome);
    } catch (error) {
      const passes = !error.code || !/^[0-9A-Z]{5}$/.test(error.code) || /^(08|40|53|57|25006|LA012)/.test(error.code);
      if (!passes) {
        console.error(`call ${call.call_id} was not recorded: ${error.code} ${error.message}`);
        return { next: 'none', safe: false };
      }
      await sleep(wait);
    }
  }
}

// ---- refusals ---------------------------------------------------------------------------------------------

const answerJson = (response, status, value, headers = {}) => {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
};
const problem = (message, type, code, more = {}) => ({ error: { message, type, code, param: null, ...more } });

async function refuse(response, error, token) {
  switch (error.code) {
    case 'LA010': {  // DETAIL is one JSON object: whose limit, how much of it is used, when it begins anew
      let limit = {};
      try { limit = JSON.parse(error.detail); } catch { /* a model without a price has no figures */ }
      const wait = limit.retry_after_ms;
      return answerJson(response, limit.what === 'cost_usd' ? 402 : 429,
        problem(error.message, limit.what === 'cost_usd' ? 'insufficient_quota' : 'rate_limit_error', 'limit_reached', { limit }),
        wait == null ? {} : { 'retry-after': String(Math.ceil(wait / 1000)) });
    }
    case 'LA011': {  // a key that is none, or one that may not do this
      const isKnown = await pool.query('SELECT 1 FROM llm_admin.check_access_key($1)', [token]).then(() => true, () => false);
      return answerJson(response, isKnown ? 403 : 401, problem(error.message, 'permission_error', 'not_allowed'));
    }
    case 'LA004':
      return answerJson(response, 409, problem(error.message, 'invalid_request_error', 'request_id_used'));
    case 'LA012':
      return answerJson(response, 503, problem(error.message, 'api_error', 'try_again'), { 'retry-after': '1' });
    default:
      // What the request itself has wrong. Everything else is closed: no call without the database.
      if (/^(22|LA0)/.test(error.code ?? '')) return answerJson(response, 400, problem(error.message, 'invalid_request_error', error.code));
      console.error(`no answer from the database: ${error.code ?? ''} ${error.message}`);
      return answerJson(response, 503, problem('the gateway cannot ask its database', 'api_error', 'unavailable'), { 'retry-after': '1' });
  }
}

// ---- one attempt ------------------------------------------------------------------------------------------

// Sends what begin_call built. A stream that begins well goes through as it comes; anything else is kept for the caller of
// this function, who may try again. `gone` is aborted when the client hangs up.
async function send(call, response, gone) {
  const started = Date.now();
  const limit = AbortSignal.timeout(timeoutMs);
  let answer, text = '', seen = false;
  try {
    answer = await fetch(call.url, {
      method: call.method, headers: call.headers, body: call.body, redirect: 'error', signal: AbortSignal.any([gone, limit]) });
    const type = answer.headers.get('content-type') ?? '';
    const streams = answer.ok && type.startsWith('text/event-stream');
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (!streams) continue;
      if (!response.headersSent) response.writeHead(answer.status, { 'content-type': type, 'cache-control': 'no-cache', 'x-call-id': call.call_id });
      seen = true;
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone });
    }
    text += decoder.decode();
    return { started, body: text, status: answer.status, headers: Object.fromEntries(answer.headers), output_seen: seen, type };
  } catch (error) {
    const cause = error.cause?.code ?? error.name;
    return { started, body: text || undefined, status: answer?.status, output_seen: seen,
      ...(gone.aborted ? { cancelled: true } : { error: limit.aborted ? 'timeout' : `${cause}`,
        ...(/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/.test(cause) ? { dispatched: false } : {}) }) };
  }
}

// ---- one request ------------------------------------------------------------------------------------------

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > longestBody) throw Object.assign(new Error('the request is too long'), { code: '22000' });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function complete(request, response) {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) return answerJson(response, 401, problem('send an access key as the bearer token', 'invalid_request_error', 'no_key'));
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  let params, before = {};
  try {
    params = await read(request);  // as text: the order of members and the form of numbers stay
  } catch (error) {
    return refuse(response, error, token);
  }
  const requestId = request.headers['x-request-id'];
  for (let attempt = 1; ; ++attempt) {
    let call;
    try {
      call = await begin(params, {
        access_key: token, with_key: true, timeout_ms: timeoutMs + 30_000, ...before,
        ...(requestId ? { request_id: requestId } : {}) });
    } catch (error) {
      return refuse(response, error, token);
    }
    // The same request while its first call is open: that one is being answered already.
    if (call.repeated) return answerJson(response, 409, problem('this request is being answered', 'invalid_request_error', 'request_id_used'));
    const { type, ...outcome } = await send(call, response, gone.signal);
    const done = await settle(call, outcome);
    if (outcome.output_seen) {  // a stream: it went through, or it broke on its way
      if (outcome.error) response.destroy(); else response.end();
      return;
    }
    if (gone.signal.aborted) return;
    // Again where that is safe: the same account, or another one of the same model. Another model is the caller's choice.
    if (done.safe && attempt < mostAttempts && (done.next === 'retry_same' || done.next === 'next_account')) {
      if (done.next === 'retry_same') await sleep(Number(done.after_ms ?? 0), undefined, { signal: gone.signal }).catch(() => {});
      const account = done.next === 'next_account' ? done.next_account : call.account_id;
      before = { parent_call_id: call.call_id, ...(account ? { account_id: account } : {}) };
      continue;
    }
    if (outcome.status) {
      response.writeHead(outcome.status, { 'content-type': type || 'application/json', 'x-call-id': call.call_id });
      return response.end(outcome.body);
    }
    return answerJson(response, outcome.error === 'timeout' ? 504 : 502,
      problem(`the vendor gave no answer: ${outcome.error}`, 'api_error', 'no_answer'), { 'x-call-id': call.call_id });
  }
}

// The models that have a price, as they are configured now: no statement is run for this.
const models = () => ({ object: 'list', data: config.all('price').map(({ model_id: id, provider }) => ({ id, object: 'model', owned_by: provider })) });

export const server = http.createServer((request, response) => {
  const path = new URL(request.url, 'http://gateway').pathname;
  if (request.method === 'POST' && path === '/v1/chat/completions')
    complete(request, response).catch((error) => {
      console.error(error);
      answerJson(response, 500, problem('the gateway failed', 'api_error', 'internal'));
    });
  else if (request.method === 'GET' && path === '/v1/models') answerJson(response, 200, models());
  else answerJson(response, 404, problem(`there is no ${request.method} ${path} here`, 'invalid_request_error', 'not_found'));
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  config.start();
  server.listen(Number(process.env.PORT ?? 8080), process.env.LISTEN ?? '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
}
