import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { ROOT } from "../../../bin/root.ts";

/** What AWS answers to a call by its name; undefined for a failure that is AWS's. */
export type Answers = (operation: string) => object | string | undefined;

/** Something that answers as AWS does. Returns its address. */
export async function startAws(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    operationOf(request).then(
      (operation) => {
        const answer = answers(operation);
        response.writeHead(answer === undefined ? 500 : 200);
        return response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? {}));
      },
      () => response.destroy(),
    );
  });
  onTestFinished(() => server.close().closeAllConnections());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

async function operationOf(request: IncomingMessage): Promise<string> {
  const body = await text(request);
  const target = request.headers["x-amz-target"];
  return typeof target === "string"
    ? target.split(".").at(-1)!
    : (new URLSearchParams(body).get("Action") ?? request.url ?? "");
}

/** Starts `fanfare`. @param variables of its environment, besides those of the test */
export function start(parameters: readonly string[], variables: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ["bin/fanfare.ts", ...parameters], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...variables },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
