import { elementsOf } from "../arns.ts";
import { invalidParameter } from "../refusals.ts";
import type { Store } from "../store.ts";
import type { TopicPolicies } from "../topics/topic-policies.ts";
import { addPermission, removePermission } from "../topics/topic-policy.ts";
import type { Topic } from "../topics/topic.ts";
import { type Handlers, NOTHING } from "./handler.ts";
import { arnOf } from "./topics.ts";

/** The actions on a topic's policy and on its data protection policy, which is kept and protects nothing here. */
export function permissionActions(store: Store, policies: TopicPolicies): Handlers {
  const protections = new Map<string, string>();
  const change = (topic: Topic, policy: string) => {
    policies.set(topic, policy);
    topic.set("Policy", policy);
    store.save(topic);
    return NOTHING;
  };
  return {
    AddPermission: (call) => {
      const topic = store.topic(arnOf(call));
      const permission = {
        label: call.input.text("Label"),
        accounts: call.input.list("AWSAccountId").map(String),
        actions: call.input.list("ActionName").map(String),
      };
      return change(topic, addPermission(topic.shown["Policy"] ?? "", topic.arn, permission));
    },
    RemovePermission: (call) => {
      const topic = store.topic(arnOf(call));
      return change(topic, removePermission(topic.shown["Policy"] ?? "", call.input.text("Label")));
    },
    GetDataProtectionPolicy: ({ input }) => {
      const { arn } = store.topic(input.text("ResourceArn"));
      return { DataProtectionPolicy: protections.get(arn) ?? "" };
    },
    PutDataProtectionPolicy: ({ input }) => {
      elementsOf(input.text("ResourceArn"), "ResourceArn");
      const { arn, isFifo } = store.topic(input.text("ResourceArn"));
      if (isFifo) throw invalidParameter("DataProtectionPolicy is not supported on FIFO topics");
      protections.set(arn, input.text("DataProtectionPolicy"));
      return NOTHING;
    },
  };
}
