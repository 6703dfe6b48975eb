import { consumer, type UnitOfWork } from "#lib/runtime/index.ts";
import { s3ClaimCheck } from "#lib/runtime/publish/s3-claim-check.ts";
import { bulkKept } from "../events.ts";
import service from "./service.ts";
import { shelf } from "./shelf.ts";

export const handler = consumer(
  service,
  {
    async "bulk.sent.v1"({ data }, unit) {
      await add(`${data.key}-sent`, data.text.length, unit);
      unit.emit(bulkKept, data);
    },
    "bulk.kept.v1": ({ data }, unit) => add(`${data.key}-kept`, data.text.length, unit),
  },
  { claimCheck: s3ClaimCheck() },
);

async function add(key: string, characters: number, unit: UnitOfWork<typeof service>): Promise<void> {
  const known = await unit.get(shelf, key);
  unit.put(shelf, { key, total: (known?.total ?? 0) + characters });
}
