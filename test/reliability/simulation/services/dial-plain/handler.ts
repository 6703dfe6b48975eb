import { consumer } from "#lib/runtime/index.ts";
import { interpret } from "../weaver/interpret.ts";
import service from "./service.ts";

export const handler = consumer(service, interpret);
