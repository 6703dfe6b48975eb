import { consumer } from "#lib/runtime/index.ts";
import { interpret } from "./interpret.ts";
import service from "./service.ts";

export const handler = consumer(service, interpret);
