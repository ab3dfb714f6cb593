// A tenant's configuration through Prisma: every statement but the functions' own is the client's.
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/client.ts';
import { apiKey, doubledHour, other, own, ownEnvelope, question, report, send, skippedHour, stateOf, tenant } from './common.mjs';

const { PGHOST: host, PGPORT, PGUSER: user, PGDATABASE: database } = process.env;
// The adapter reads and writes times without an offset, so the session has to be in UTC: by OPTIONS here, or, where a
// pooler stands between, by ALTER ROLE ... SET.
const adapter = new PrismaPg({ host, port: Number(PGPORT), user, database, options: process.env.OPTIONS });
const prisma = new PrismaClient({ adapter });
type Transaction = Prisma.TransactionClient;

const code = (error: any) => {
  const cause = error.meta?.driverAdapterError?.cause ?? error.cause;
  return cause?.originalCode ?? cause?.code ?? String(error);
};

// What a request of the application does for its tenant.
const entered = <T>(work: (tx: Transaction) => Promise<T>) => prisma.$transaction(async (tx) => {
  await tx.$queryRaw`SELECT llm_admin.enter_tenant(${tenant})`;
  return work(tx);
});

// The same row as Prisma has it and, in times, as the server has it.
async function both(tx: Transaction, row: any) {
  const [server] = await tx.$queryRaw<any[]>`SELECT
    (extract(epoch FROM created_at) * 1000)::bigint AS created, (extract(epoch FROM updated_at) * 1000)::bigint AS updated,
    (extract(epoch FROM last_tested_at) * 1000)::bigint AS tested FROM llm_admin.llm_configs WHERE id = ${row.id}`;
  return { row, server, client: {
    created: row.createdAt.getTime(), updated: row.updatedAt.getTime(), tested: row.lastTestedAt?.getTime() ?? null } };
}

const newKey = async (tx: Transaction) => own ? ownEnvelope
  : (await tx.$queryRaw<any[]>`SELECT llm_admin.encrypt_key(${apiKey}) AS envelope`)[0].envelope;

const outside = {
  rows: (await prisma.lLMConfig.findMany()).length,
  create: await stateOf(prisma.lLMConfig.create({ data: { tenantId: tenant, apiKeyEncrypted: ownEnvelope } }), code) };

const created = await entered(async (tx) => both(tx, await tx.lLMConfig.create({ data: {
  tenantId: tenant, provider: 'local_demo', apiKeyEncrypted: await newKey(tx), createdAt: skippedHour, lastTestedAt: doubledHour } })));

const found = await entered((tx) => tx.lLMConfig.findUnique({ where: { tenantId: tenant } }));

const updated = await entered(async (tx) => both(tx, await tx.lLMConfig.update({
  where: { tenantId: tenant }, data: { defaultModel: 'demo-model', policy: 'byollm_only' } })));

const foreign = await entered(async (tx) => ({
  seen: await tx.lLMConfig.count({ where: { tenantId: other } }),
  all: await tx.lLMConfig.count(),
  updated: (await tx.lLMConfig.updateMany({ where: { tenantId: other }, data: { policy: 'choice' } })).count,
  deleted: (await tx.lLMConfig.deleteMany({ where: { tenantId: other } })).count }));
const foreignCreate = await stateOf(
  entered((tx) => tx.lLMConfig.create({ data: { tenantId: `${other}-2`, apiKeyEncrypted: ownEnvelope } })), code);
const foreignMove = await stateOf(
  entered((tx) => tx.lLMConfig.update({ where: { tenantId: tenant }, data: { tenantId: `${other}-2` } })), code);

// The call itself is made between two transactions, as it should be.
const build = (withKey: boolean) => entered((tx) => tx.$queryRaw<any[]>`
  SELECT * FROM llm_admin.build_tenant_request(${tenant}, ${question}::jsonb, 'byollm', ${withKey})`);
const opaque = own ? await stateOf(build(true), code) : null;
const [request] = await build(!own);
const answer = await send(request);
const [{ extracted }] = await prisma.$queryRaw<any[]>`
  SELECT llm_admin.extract_response(${answer.body}, ${request.provider_name}, http_status => ${answer.status}::int) AS extracted`;
const tested = await entered(async (tx) => {
  await tx.$queryRaw`SELECT llm_admin.record_llm_test(${tenant}, true, 12)`;
  return both(tx, await tx.lLMConfig.findUniqueOrThrow({ where: { tenantId: tenant } }));
});
const [{ settings }] = await entered((tx) => tx.$queryRaw<any[]>`
  SELECT llm_admin.put_llm_config(${tenant}, ${{ defaultModel: null }}::jsonb) AS settings`);

const upsert = (model: string) => entered(async (tx) => both(tx, await tx.lLMConfig.upsert({
  where: { tenantId: tenant },
  create: { tenantId: tenant, provider: 'local_demo', apiKeyEncrypted: await newKey(tx), defaultModel: model },
  update: { defaultModel: model, updatedAt: doubledHour } })));
const upserted = await upsert('demo-model-2');
const gone = await entered(async (tx) => {
  const row = await tx.lLMConfig.delete({ where: { tenantId: tenant } });
  return { id: row.id, left: await tx.lLMConfig.count() };
});
const made = await upsert('demo-model-3');

// The other form of a transaction: a list of statements.
const [, listed] = await prisma.$transaction([
  prisma.$queryRaw`SELECT llm_admin.enter_tenant(${tenant})`, prisma.lLMConfig.findMany()]);

report({ outside, created, found, updated, foreign, foreignCreate, foreignMove, opaque, request, status: answer.status,
  extracted, tested, settings, upserted, gone, made, listed });
await prisma.$disconnect();
