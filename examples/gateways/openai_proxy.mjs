// A gateway in one file: it speaks OpenAI's API to its callers, and asks the database before and after each call.
//
//   npm install pg; PGHOST=… PGUSER=gateway node openai_proxy.mjs        Node.js 18.17 or newer
//
// The role has level app: SELECT llm_admin.grant_access('gateway', 'app'). Callers send their access key as the bearer token.
// PORT is where it listens (8080), CALL_TIMEOUT_MS how long a vendor may take (300000; of a vendor that says nothing for so long
// Node's fetch gives up by itself). SIGTERM lets open calls end.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ConfigFollower } from './follow_config.mjs';

const timeoutMs = Number(process.env.CALL_TIMEOUT_MS ?? 300_000);
const longestBody = 32 << 20;
const mostAttempts = 3;
const pool = new pg.Pool({ max: Number(process.env.POOL_SIZE ?? 10) });
pool.on('error', () => {});  // an idle connection broke: the next statement makes another one
const config = new ConfigFollower();

// ---- the database -----------------------------------------------------------------------------------------

// The connection broke, the server is going down or coming up, or it cannot tell now: the same may be asked again.
const passes = (error) => !(error instanceof pg.DatabaseError) || /^(08|40|53|57|25006|LA012)/.test(error.code);

// One statement, and so one transaction, each: nothing of a call is held while the vendor works. Both may be sent twice:
// begin_call knows a call by its request_id, finish_call by its call_id.
async function ask(text, values) {
  try {
    return (await pool.query(text, values)).rows[0];
  } catch (error) {
    if (error.code === 'LA012' || !passes(error)) throw error;
    return (await pool.query(text, values)).rows[0];
  }
}

const begin = (params, options) => ask('SELECT * FROM llm_admin.begin_call($1::json, options => $2::jsonb)', [params, options]);

// Where the row of the call is gone (it expired, a failover lost it), the receipt says what it was.
const finish = (call, { body, status, latency, ...rest }) => ask('SELECT * FROM llm_admin.finish_call($1::uuid, $2, $3, $4, $5::jsonb)',
  [call.call_id, body ?? null, status ?? null, latency, { ...rest, receipt: call.receipt }]);

// What the vendor has done is recorded whatever happens to the database. Its answer does not wait for that.
async function settle(call, outcome) {
  try {
    return await finish(call, outcome);
  } catch (error) {
    finishLater(call, outcome, error);
    return { next: 'none', safe: false };
  }
}

async function finishLater(call, outcome, error) {
  for (let wait = 100; passes(error); wait = Math.min(wait * 2, 10_000)) {
    await sleep(wait);
    try {
      return await finish(call, outcome);
    } catch (again) {
      error = again;
    }
  }
  console.error(`call ${call.call_id} was not recorded: ${error.code} ${error.message}`);
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
      return isKnown ? answerJson(response, 403, problem(error.message, 'permission_error', 'not_allowed'))
        : answerJson(response, 401, problem(error.message, 'invalid_request_error', 'invalid_api_key'));
    }
    case 'LA004':
    case 'LA006':
      return answerJson(response, 409, problem(error.message, 'invalid_request_error', 'request_id_used'));
    case 'LA002':
    case 'too_long':
      return answerJson(response, 400, problem(error.message, 'invalid_request_error', 'invalid_request'));
    case 'LA012':
      return answerJson(response, 503, problem(error.message, 'api_error', 'try_again'), { 'retry-after': '1' });
    default:
      if (/^22/.test(error.code ?? '')) return answerJson(response, 400, problem(error.message, 'invalid_request_error', 'invalid_request'));
      // Closed: no call without the database, nor with a provider that it cannot use.
      console.error(`no call: ${error.code ?? ''} ${error.message}`);
      return answerJson(response, 503, problem('the gateway cannot make calls now', 'api_error', 'unavailable'), { 'retry-after': '1' });
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
    return { latency: Date.now() - started, body: text, status: answer.status, headers: Object.fromEntries(answer.headers), output_seen: seen };
  } catch (error) {
    const cause = error.cause?.code ?? error.name;
    return { latency: Date.now() - started, body: text || undefined, status: answer?.status, output_seen: seen,
      ...(gone.aborted ? { cancelled: true } : { error: limit.aborted ? 'timeout' : `${cause}` }) };
  }
}

// The answer of the last attempt, for the caller. What the vendor has against this gateway's key is not the caller's affair,
// and an error's text is passed on as finish_call returns it: without keys.
function pass(response, call, outcome, done) {
  const { status } = outcome, mark = { 'x-call-id': call.call_id };
  if (!status)
    return answerJson(response, outcome.error === 'timeout' ? 504 : 502,
      problem(`the vendor gave no answer: ${outcome.error}`, 'api_error', 'no_answer'), mark);
  if (status === 401 || status === 402 || status === 403)
    return answerJson(response, 502, problem(`the vendor refused this gateway with status ${status}`, 'api_error', 'vendor_refused'), mark);
  const wait = outcome.headers?.['retry-after'];
  if (status >= 400)
    return answerJson(response, status, problem(done.result?.error?.message ?? `the vendor answered with status ${status}`, 'api_error',
      done.result?.error?.kind ?? 'vendor_error'), wait === undefined ? mark : { ...mark, 'retry-after': wait });
  response.writeHead(status, { 'content-type': outcome.headers?.['content-type'] ?? 'application/json', ...mark }).end(outcome.body);
}

// ---- one request ------------------------------------------------------------------------------------------

async function read(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > longestBody) throw Object.assign(new Error('the request is too long'), { code: 'too_long' });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function complete(request, response) {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) return answerJson(response, 401, problem('send an access key as the bearer token', 'invalid_request_error', 'no_key'));
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const given = request.headers['x-request-id'];  // of the caller; else one of our own, so that a statement may be sent twice
  let before = { request_id: given ?? randomUUID() };
  let params;
  try {
    params = await read(request);  // as text: the order of members and the form of numbers stay
  } catch (error) {
    return refuse(response, error, token);
  }
  for (let attempt = 1; ; ++attempt) {
    let call;
    try {
      call = await begin(params, { access_key: token, with_key: true, timeout_ms: timeoutMs + 30_000, ...before });
    } catch (error) {
      return refuse(response, error, token);
    }
    // The same request while its first call is open: that one is being answered already.
    if (call.repeated && given) return answerJson(response, 409, problem('this request is being answered', 'invalid_request_error', 'request_id_used'));
    const outcome = await send(call, response, gone.signal);
    const done = await settle(call, outcome);
    if (outcome.output_seen) {  // a stream: it went through, or it broke on its way
      if (outcome.error) response.destroy(); else response.end();
      return;
    }
    if (gone.signal.aborted) return;
    // Again where that is safe: the same account, or another one of the same model. Another model is the caller's choice.
    if (!done.safe || attempt >= mostAttempts || !['retry_same', 'next_account'].includes(done.next)) return pass(response, call, outcome, done);
    if (done.next === 'retry_same') await sleep(Number(done.after_ms ?? 0), undefined, { signal: gone.signal }).catch(() => {});
    if (gone.signal.aborted) return;
    const account = done.next === 'next_account' ? done.next_account : call.account_id;
    before = { parent_call_id: call.call_id, ...(account ? { account_id: account } : {}) };
  }
}

// The models that have a price, as they are configured now: no statement is run for this.
const models = () => ({ object: 'list', data: [...new Set(config.all('price').map((price) => price.model_id))].sort().map((id) => ({ id, object: 'model' })) });

const server = http.createServer((request, response) => {
  const path = new URL(request.url, 'http://gateway').pathname;
  if (request.method === 'POST' && path === '/v1/chat/completions')
    complete(request, response).catch((error) => {
      console.error(error.message);
      answerJson(response, 500, problem('the gateway failed', 'api_error', 'internal'));
    });
  else if (request.method === 'GET' && path === '/v1/models') answerJson(response, 200, models());
  else answerJson(response, 404, problem(`there is no ${request.method} ${path} here`, 'invalid_request_error', 'not_found'));
});

process.once('SIGTERM', () => {
  config.stop();
  server.close(() => pool.end());
  server.closeIdleConnections();
});
config.start();
server.listen(Number(process.env.PORT ?? 8080), process.env.LISTEN ?? '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
