/** What differs between stages: plain data, see bin/stages.ts. */
export interface StageSettings {
  /** Keeps queues, tables and logs when a stack is deleted, and protects tables and stacks from deletion. */
  readonly keepsData: boolean;
  /** Days that CloudWatch keeps log lines: one of those that it offers, such as 7, 30 or 180. */
  readonly logDays: number;
  /** Sender of e-mail to customers; its domain must be verified in SES. */
  readonly emailFrom: string;
  /**
   * Encrypts topics and queues with a customer KMS key ($1 a month, and a fraction of a cent per thousand messages). To change it on
   * a live stage: docs/deploying.md. @default false
   */
  readonly customerKey?: boolean;
  /**
   * Deploys code to a tenth of the invocations first, and takes it back when an alarm goes off: ten minutes per service. Off, new code
   * runs at once. @default false
   */
  readonly canary?: boolean;
  /**
   * Waits for a quarter of an hour between a changed filter policy and the code that publishes under it: SNS takes up to that long.
   * Off, an event may be dropped that is published within that time. @default false
   */
  readonly awaitsFilters?: boolean;
  /** Sends the spans of traces to X-Ray; the account needs Transaction Search: docs/decisions/traces.md. @default false */
  readonly traces?: boolean;
  /** E-mail address for alarms; an SNS topic is created for it. @default - none */
  readonly alarmEmail?: string;
  /** ARN of an existing SNS topic for alarms. @default - none */
  readonly alarmTopicArn?: string;
  /** The account to deploy to, 12 digits: credentials of any other are refused. @default - that of the credentials */
  readonly account?: string;
  /** The region to deploy to. @default - that of the credentials */
  readonly region?: string;
}

/** One stage of the system. */
export interface Stage extends StageSettings {
  /** Part of every resource's name. */
  readonly name: string;
}

/** The stages by name. `pr-*` stands for any name of that form: a preview of each pull request. */
export type Stages = Readonly<Record<string, StageSettings>>;
