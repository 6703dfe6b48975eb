import type { IncomingMessage, ServerResponse } from "node:http";
import type { Chaos } from "../../chaos/chaos.ts";
import { parseRule } from "../../chaos/rule.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject } from "../../services/protocols/json-protocol.ts";
import { readBody } from "../read-request.ts";
import { jsonAnswer, send } from "../send.ts";

/** Where rules of chaos are read and set: `/_fanfare/chaos`, and `/_fanfare/chaos/<id>` for one. */
const PATH = /^\/_fanfare\/chaos(?:\/([^/?]*))?(?:\?|$)/;

const BODY_LIMIT = 16 * 1_024;

export function isChaosPath(path: string): boolean {
  return PATH.test(path);
}

/** Answers a call about rules: GET tells all, POST sets one, DELETE lifts all or one. */
export async function handleChaos(chaos: Chaos, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = PATH.exec(request.url ?? "")?.[1] ?? "";
  switch (request.method) {
    case "GET":
      return send(response, jsonAnswer(200, { rules: chaos.rules }));
    case "POST":
      return send(response, jsonAnswer(201, chaos.add(parseRule(parseObject(await readBody(request, BODY_LIMIT))))));
    case "DELETE":
      if (id === "") chaos.clear();
      else if (!chaos.remove(id)) throw new AwsError("NotFound", `There is no rule of chaos ${id}.`, 404);
      return send(response, jsonAnswer(200, { rules: chaos.rules }));
    default:
      throw new AwsError("MethodNotAllowed", "Rules of chaos are read by GET, set by POST and lifted by DELETE.", 405);
  }
}
