import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Case, type DecisionName, decisions, type PolicyStatement, VERSION } from "./case.ts";

const PACKAGE = "@cloud-copilot/iam-simulate";
const PACKAGE_VERSION = "0.1.173";

/** A decision of the other evaluator, or why it gave none. */
export interface TheirDecision {
  readonly decision: DecisionName | "error";
  readonly reason: string;
}

/**
 * Has the other evaluator decide. Its licence (AGPL-3.0) keeps it out of our dependencies: it is installed into a folder, and runs there
 * as a separate program.
 */
export async function theirDecisions(folder: string, cases: readonly Case[]): Promise<TheirDecision[]> {
  install(folder);
  copyFileSync(path.join(import.meta.dirname, "simulate.mjs"), path.join(folder, "simulate.mjs"));
  const child = spawn(process.execPath, ["simulate.mjs"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(cases.map((it) => `${JSON.stringify(simulationOf(it))}\n`).join(""));
  const answers: TheirDecision[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const decision = decisions.find((it) => it === line);
    answers.push({ decision: decision ?? "error", reason: line });
  }
  if (answers.length !== cases.length)
    throw new Error(`${PACKAGE} decided ${answers.length} of ${cases.length} cases: see its error above.`);
  return answers;
}

function install(folder: string): void {
  if (existsSync(path.join(folder, "node_modules", PACKAGE))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
  const { status } = spawnSync("npm", ["install", ...options, `${PACKAGE}@${PACKAGE_VERSION}`], {
    cwd: folder,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${PACKAGE} could not be installed into ${folder}: see npm's message above.`);
}

function simulationOf({ principal, action, resource, context, identity, boundary, ofResource }: Case): object {
  const everything = [{ Effect: "Allow", Action: "*", Resource: "*" }];
  const own = principal.kind === "account" ? everything : identity;
  return {
    request: {
      principal:
        principal.kind === "role" ? principal.sessionArn : principal.kind === "account" ? principal.arn : principal.service,
      action,
      resource: { resource, accountId: "000000000000" },
      contextVariables: context,
    },
    identityPolicies: own.length === 0 ? [] : [{ name: "identity", policy: document(own) }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(ofResource.length > 0 && { resourcePolicy: document(ofResource) }),
    ...(boundary && { permissionBoundaryPolicies: [{ name: "boundary", policy: document(boundary) }] }),
  };
}

function document(Statement: readonly PolicyStatement[]): object {
  return { Version: VERSION, Statement };
}
