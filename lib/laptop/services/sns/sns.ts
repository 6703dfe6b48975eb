import { AwsError } from "../../shared/aws-error.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import type { Access } from "../../iam/access.ts";
import type { ResourceHandler } from "../../cloudformation/resource.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { type Delivery, textOf } from "../delivery.ts";
import { invalidAction } from "../protocols/query-protocol.ts";
import type { Output, Service, ServiceAddress } from "../service.ts";
import { snsAccesses } from "./accesses.ts";
import type { Handlers } from "./api/handler.ts";
import { Input } from "./api/input.ts";
import { permissionActions } from "./api/permissions.ts";
import { GET_CERTIFICATE, snsProtocol } from "./api/protocol.ts";
import { publishActions } from "./api/publish.ts";
import { subscriptionActions } from "./api/subscriptions.ts";
import { tagActions } from "./api/tags.ts";
import { topicActions } from "./api/topics.ts";
import { regionOf } from "./arns.ts";
import { Addresses, OWN_PATH } from "./delivery/addresses.ts";
import { Deliveries } from "./delivery/deliveries.ts";
import { HttpDeliveries } from "./delivery/http-deliveries.ts";
import { Notifications } from "./delivery/notification.ts";
import type { TopicMessage } from "./publishing/message.ts";
import { Publisher } from "./publishing/publisher.ts";
import { snsResources } from "./resources.ts";
import { topicStatus } from "./status.ts";
import { Store } from "./store.ts";
import { TopicPolicies } from "./topics/topic-policies.ts";
import type { Topic } from "./topics/topic.ts";

/** SNS takes up to 1 MiB at a time, which a form makes up to three times as long. */
const BODY_LIMIT = 4 * 1_024 * 1_024;

/** Simple Notification Service: topics that deliver to queues, functions and HTTP endpoints of this machine. */
export class SnsService implements Service {
  readonly name = "sns";
  readonly address: ServiceAddress = { ownPaths: [OWN_PATH], queryVersion: "2010-03-31" };
  readonly bodyLimit = BODY_LIMIT;
  readonly protocol = snsProtocol;
  readonly accesses: (call: Call) => readonly Access[] | "open" = snsAccesses;
  readonly takes = "sns:Publish";
  readonly resources: Readonly<Record<string, ResourceHandler>>;
  readonly #context: CloudContext;
  readonly #store: Store;
  readonly #addresses: Addresses;
  readonly #http: HttpDeliveries;
  readonly #publisher: Publisher;
  readonly #handlers: Handlers;
  /** ARNs of the subscriptions that the templates have. */
  readonly #ofTemplates = new Set<string>();

  constructor(context: CloudContext) {
    const { clock, changes, database, handOver, iam, port } = context;
    this.#context = context;
    this.#store = new Store(database);
    this.#addresses = new Addresses(port);
    this.#http = new HttpDeliveries(clock, this.#addresses, changes.notify);
    const deliveries = new Deliveries(handOver, new Notifications(this.#addresses), this.#http);
    this.#publisher = new Publisher(clock.now, (published) =>
      deliveries.deliver(published, this.#store.subscriptionsOf(published.topicArn)),
    );
    const topicPolicies = new TopicPolicies(iam.policies);
    for (const topic of this.#store.topics) if (topic.attribute("Policy")) topicPolicies.set(topic, topic.attribute("Policy"));
    this.#handlers = {
      ...topicActions(this.#store, topicPolicies, (arn) => this.#publisher.forget(arn)),
      ...permissionActions(this.#store, topicPolicies),
      ...subscriptionActions(this.#store, this.#http),
      ...tagActions(this.#store),
      ...publishActions(this.#store, this.#publisher, (topic, message) => this.#record(topic, message)),
    };
    this.resources = snsResources({
      store: this.#store,
      policies: iam.policies,
      topicPolicies,
      onSubscription: (arn) => this.#ofTemplates.add(arn),
    });
  }

  handle({ operation, input, caller, request }: Call): Output {
    if (operation === GET_CERTIFICATE) return this.#certificate(String(input["File"]));
    const handler = Object.hasOwn(this.#handlers, operation) ? this.#handlers[operation] : undefined;
    if (handler === undefined) throw invalidAction(operation);
    const traceHeader = request.headers["x-amzn-trace-id"];
    return handler({
      input: new Input(input),
      region: regionOf(request),
      caller,
      isSigned: request.signedFor !== undefined,
      traceHeader: typeof traceHeader === "string" ? traceHeader : undefined,
    });
  }

  accessDenied(refused: Refused): AwsError {
    // The message writes the service's name in capitals: SNS API reference, "Common Errors".
    const message = refusalMessage(refused, { action: refused.action.replace(/^sns:/, "SNS:") });
    return new AwsError("AuthorizationError", message, 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("Throttling", message);
  }

  /** Standard topics deliver at least once: sns/latest/dg/sns-message-delivery-retries */
  mayRepeat({ operation }: Call): boolean {
    return operation.startsWith("Publish");
  }

  /** Publishes what another service hands over. @throws AwsError where the topic refuses it */
  take(topicArn: string, delivery: Delivery): void {
    const { subject, attributes = {}, groupId, deduplicationId, traceHeader } = delivery;
    const topic = this.#store.topic(topicArn);
    const message = this.#publisher.accept(topic, {
      body: textOf(delivery),
      attributes,
      ...(subject !== undefined && { subject }),
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(traceHeader !== undefined && { traceHeader }),
    });
    this.#record(topic, message);
    this.#publisher.publish(topic, message);
  }

  /** Ends the subscriptions that are kept of templates and that these no longer have. */
  start(): void {
    for (const subscription of this.#store.subscriptions)
      if (subscription.isOfTemplate && !this.#ofTemplates.has(subscription.arn)) this.#store.unsubscribe(subscription);
  }

  remaining(): readonly string[] {
    const { pending } = this.#http;
    return pending === 0 ? [] : [`${pending} deliveries of topics by HTTP are on their way`];
  }

  skipWaits(): void {
    this.#http.skipWaits();
  }

  status() {
    return { topics: topicStatus(this.#store) };
  }

  stop(): void {
    this.#http.stop();
  }

  #certificate(file: string): Output {
    const { certificate, certificateFile } = this.#addresses.signer;
    if (file !== certificateFile) throw new AwsError("NotFound", `There is no certificate ${file}.`, 404);
    return { Certificate: certificate };
  }

  #record({ name }: Topic, { attributes, body }: TopicMessage): void {
    const type = attributes["type"]?.StringValue;
    const bytes = Buffer.byteLength(body);
    const time = this.#context.clock.now();
    this.#context.activity.record({ kind: "publish", time, topic: name, ...(type !== undefined && { type }), bytes });
  }
}
