// The configuration of llm_admin as it is now, kept in memory and followed: nothing is lost when the connection is.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export class ConfigFollower {
  #kinds = new Map();  // of each kind its rows, by id
  #version = '0';      // a string: a bigint has more digits than a number of JavaScript keeps for sure
  #wake = () => {};
  #client;
  stopped = false;

  all(kind) { return [...(this.#kinds.get(kind)?.values() ?? [])]; }
  get version() { return this.#version; }

  async start() {
    while (!this.stopped) {
      try {
        await this.#follow();
      } catch (error) {
        if (this.stopped) return;
        console.error(`configuration: ${error.message}`);
        await sleep(1000);
      }
    }
  }

  async stop() {
    this.stopped = true;
    this.#wake();
    await this.#client?.end().catch(() => {});
  }

  async #follow() {
    const client = this.#client = new pg.Client({ keepAlive: true });
    let news = true, broken;
    client.on('notification', () => { news = true; this.#wake(); });
    client.on('error', (error) => { broken = error; this.#wake(); });
    await client.connect();
    try {
      // First it listens, then it asks: what commits in between is told by the one or by the other.
      await client.query('LISTEN llm_admin_config');
      while (!this.stopped) {
        if (broken) throw broken;
        if (news) {
          news = false;  // before it asks: what comes meanwhile is asked for once more
          this.#apply((await client.query('SELECT * FROM llm_admin.config_since($1)', [this.#version])).rows);
          continue;
        }
        // A prepared transaction notifies nobody, and a connection may be dead without a word: once a minute it asks anyway.
        const minute = setTimeout(() => { news = true; this.#wake(); }, 60_000);
        await new Promise((wake) => { this.#wake = wake; if (news || broken || this.stopped) wake(); });
        clearTimeout(minute);
      }
    } finally {
      client.end().catch(() => {});
    }
  }

  #apply(rows) {
    for (const { version, kind, id, op, data } of rows) {
      if (op === 'reset') {
        if (kind === '') this.#kinds.clear(); else this.#kinds.delete(kind);
      } else {
        if (!this.#kinds.has(kind)) this.#kinds.set(kind, new Map());
        if (op === 'put') this.#kinds.get(kind).set(id, data); else this.#kinds.get(kind).delete(id);
      }
      this.#version = version;
    }
  }
}
