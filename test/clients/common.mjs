// What the two JavaScript programs share. Connection: PGHOST (a folder), PGPORT, PGUSER, PGDATABASE.
//
// TENANT is the program's own tenant, OTHER one whose row must stay out of reach, API_KEY what the endpoint takes.
// The argument says where the key is kept: `sealed` by the extension, or `own` for an envelope of the application.
// A program prints one JSON document, its report; test/t/090_clients.pl reads it.
export const { TENANT: tenant, OTHER: other, API_KEY: apiKey } = process.env;
export const own = process.argv[2] === 'own';

// Without its offset the first is a time that New York's clocks skip; the second is in the hour that they show twice.
export const skippedHour = new Date('2026-03-08T02:30:00.123Z');
export const doubledHour = new Date('2026-11-01T05:30:00.456Z');

export const question = { messages: [{ role: 'user', content: 'Good morning' }] };
export const ownEnvelope = 'kms:projects/p/keys/k:CiQAKmNsaWVudA';

// The request as build_tenant_request() gives it; a key of the application's own is added here.
export async function send(request) {
  const headers = own ? { ...request.headers, Authorization: `Bearer ${apiKey}` } : request.headers;
  const response = await fetch(request.url, {
    method: request.method, headers, body: JSON.stringify(request.body) });
  return { status: response.status, body: await response.text() };
}

// Either what the promise gives, or the SQLSTATE that it ends with.
export const stateOf = (promise, code) => promise.then((result) => result, (error) => code(error));

export function report(parts) {
  console.log(JSON.stringify(parts, (name, value) => (typeof value === 'bigint' ? Number(value) : value), 1));
}
