import { consumer } from "#lib/runtime/index.ts";
import { count } from "./count.ts";
import service from "./service.ts";

export const handler = consumer(service, count);
