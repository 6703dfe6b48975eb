import { Interference } from "./chaos/interference.ts";
import { Chaos } from "./chaos/chaos.ts";
import { Authorizer } from "./gateway/authorizer.ts";
import { Calls } from "./gateway/calls.ts";
import { Directory } from "./gateway/directory.ts";
import { Gateway } from "./gateway/gateway.ts";
import { Iam } from "./iam/iam.ts";
import { SesService } from "./services/ses/ses.ts";
import { ActivityLog } from "./shared/activity.ts";

/** SES v2 on a loopback port, for emulators that have none. What is sent is accepted and shown nowhere. */
export async function startMailServer(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const gateway = await Gateway.listen(0);
  const calls = new Calls(
    new Directory([new SesService()]),
    new Authorizer(new Iam("off", new ActivityLog())),
    new Interference(new Chaos(() => {})),
    () => {},
  );
  gateway.open(calls, (_request, response) => void response.writeHead(404).end());
  return { port: gateway.port, stop: () => gateway.close() };
}
