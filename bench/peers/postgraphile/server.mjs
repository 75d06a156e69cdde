// PostGraphile 5 as its manual sets it up, with row-level security through pgSettings.

import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const { DATABASE_URL, KEY, POOL_SIZE, PORT } = process.env;

// Relations that no foreign key says: a household to its village, a village to its township.
const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      divisions: {
        tags: {
          unique: "tenant_id,code",
          foreignKey: "(tenant_id, parent_code) references divisions (tenant_id, code)|@fieldName parent",
        },
      },
      households: {
        tags: { foreignKey: "(tenant_id, code) references divisions (tenant_id, code)|@fieldName division" },
      },
    },
  },
});

/** The settings of the transaction in which a request is answered. Throws for a token that is not ours. */
function settingsOf(request) {
  const token = (request.headers.authorization ?? "").replace("Bearer ", "");
  const claims = jwt.verify(token, KEY, { algorithms: ["HS256"], issuer: "zeren" });
  return { "app.tenants": claims.place, "app.writer": claims.place, "app.account": claims.sub };
}

const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
  plugins: [tags],
  // Every index begins with the place, which the walls say: the columns after it count as indexed, too.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(POOL_SIZE), idleTimeoutMillis: 0 },
    }),
  ],
  grafast: {
    context: ({ node }) => (node ? { pgSettings: settingsOf(node.req) } : {}),
    explain: false,
  },
  grafserv: { graphiql: false, watch: false },
};

const server = createServer({ keepAlive: true });
server.keepAliveTimeout = 60_000;
const served = postgraphile(preset).createServ(grafserv);
served.addTo(server);
await served.ready();
server.listen(Number(PORT), "127.0.0.1");
