import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../../../..");
let project: string;

/** A folder with the documents of the project that each test begins with. */
let documented: string;

beforeAll(() => {
  documented = layOut();
  project = documented;
  docsEvents();
});

beforeEach(() => {
  project = layOut();
});

afterEach(() => rmSync(project, { recursive: true }));
afterAll(() => rmSync(documented, { recursive: true }));

/** A project with one event and one service, and this repository's command and library. */
function layOut(): string {
  project = mkdtempSync(join(tmpdir(), "fanfare-docs-"));
  cpSync(join(repository, "bin"), join(project, "bin"), { recursive: true });
  cpSync(join(repository, "package.json"), join(project, "package.json"));
  for (const folder of ["lib", "node_modules"]) symlinkSync(join(repository, folder), join(project, folder), "junction");
  writeEvent("v.object({ id: v.string(), to: v.optional(v.string()) })");
  write("events/index.ts", 'export { sent } from "./sent.ts";\n');
  writeService("postman", "[sent]");
  return project;
}

/** Gives the project the documents that `docs:events` writes for it. */
function document(): void {
  cpSync(join(documented, "docs"), join(project, "docs"), { recursive: true });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

function writeEvent(schema: string, description = "A parcel is sent."): void {
  write(
    "events/sent.ts",
    `import * as v from "valibot";
     import { defineEvent, defineTopic } from "#lib/contracts/index.ts";
     export const sent = defineEvent({
       type: "parcel.sent.v1",
       topic: defineTopic({ name: "parcels", description: "Parcels." }),
       description: "${description}",
       schema: ${schema},
       subject: () => "7",
       example: { id: "7" },
     });`,
  );
}

function writeService(name: string, consumes: string): void {
  write(
    `functions/${name}/service.ts`,
    `import { sent } from "#events";
     import { defineService } from "#lib/contracts/index.ts";
     export default defineService("${name}", "Carries.", { consumes: ${consumes}, publishes: [], owns: [] });`,
  );
}

/** Runs `docs:events` as the npm script does. */
function docsEvents(...parameters: string[]): { status: number | null; errors: string } {
  const command = ["bin/docs-events.ts", ...parameters];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: project, encoding: "utf8" });
  return { status, errors: stderr.trim() };
}

/** Makes the project a git repository whose one commit holds these folders. */
function commit(...folders: string[]): void {
  const git = (...parameters: string[]) => execFileSync("git", parameters, { cwd: project, stdio: "ignore" });
  git("init");
  git("add", ...folders);
  git("-c", "user.name=test", "-c", "user.email=test@shop.example", "commit", "--no-gpg-sign", "--message", "First");
}

const contract = () => readFileSync(join(project, "docs/contracts/parcel.sent.v1.json"), "utf8");
const fine = { status: 0, errors: "" };

describe("docs:events", () => {
  it("writes documents that --check finds current", () => {
    expect(docsEvents("--check")).toMatchObject({ status: 1, errors: expect.stringContaining("docs/asyncapi.json") });
    expect(docsEvents()).toEqual(fine);
    expect(docsEvents("--check")).toEqual(fine);
    expect(readFileSync(join(project, "docs/events.md"), "utf8")).toContain("A parcel is sent.");
  });

  it("finds a new service by its folder alone", () => {
    writeService("driver", "[sent]");
    docsEvents();

    expect(readFileSync(join(project, "docs/asyncapi.json"), "utf8")).toContain('"driver.receive.parcels"');
  });

  it("lets an event change freely that is not committed yet, and drops the contract of one that is gone", () => {
    write("docs/contracts/parcel.lost.v1.json", "{}");
    commit("events");
    document();
    writeEvent("v.object({ id: v.string() })");

    expect(docsEvents()).toEqual(fine);
    expect(contract()).not.toContain('"to"');
    expect(existsSync(join(project, "docs/contracts/parcel.lost.v1.json"))).toBe(false);
  });

  it("takes no other argument", () => {
    expect(docsEvents("--force")).toEqual({
      status: 1,
      errors: "docs:events takes no argument except --check: npm run docs:events -- --check",
    });
  });
});

describe("docs:events --check", () => {
  it("names the stale files and what to do, in one line, and mends nothing", () => {
    document();
    writeEvent("v.object({ id: v.string(), to: v.optional(v.string()) })", "Changed.");
    const before = contract();

    expect(docsEvents("--check")).toEqual({
      status: 1,
      errors:
        "docs/asyncapi.json, docs/events.md, docs/contracts/parcel.sent.v1.json are stale: run npm run docs:events and commit them",
    });
    expect(contract()).toBe(before);
  });

  it("names a contract that belongs to no event", () => {
    document();
    commit("docs");
    write("docs/contracts/parcel.lost.v1.json", "{}");

    expect(docsEvents("--check")).toEqual({
      status: 1,
      errors: "docs/contracts/parcel.lost.v1.json is stale: run npm run docs:events and commit it",
    });
  });
});

describe("a change that breaks a committed contract", () => {
  it.each([[["--check"]], [[]]])(
    "fails with the event, the field and the way out, and the contract stays (%j)",
    (parameters) => {
      document();
      commit("docs");
      const before = contract();
      writeEvent("v.object({ id: v.string(), to: v.string() })");

      expect(docsEvents(...parameters)).toEqual({
        status: 1,
        errors:
          "parcel.sent.v1: data.to: made required; events already in queues and dead-letter queues may be refused. " +
          "Leave parcel.sent.v1 as it is and publish parcel.sent.v2 beside it",
      });
      expect(contract()).toBe(before);
    },
  );

  it("is found where the contract on disk was made to follow it", () => {
    document();
    commit("docs");
    writeEvent("v.object({ id: v.string() })");
    write("docs/contracts/parcel.sent.v1.json", contract().replace(/"to": \{[^}]*\}/, ""));

    expect(docsEvents()).toMatchObject({ status: 1, errors: expect.stringContaining("data.to: removed") });
  });

  it("may be the removal of the event", () => {
    document();
    commit("docs");
    write("events/index.ts", "export {};\n");
    rmSync(join(project, "functions/postman"), { recursive: true });

    expect(docsEvents()).toMatchObject({
      status: 1,
      errors: expect.stringMatching(/^parcel\.sent\.v1: data: the event is removed;/),
    });
  });

  it("is found without git too, by the contract on disk", () => {
    document();
    writeEvent("v.object({ id: v.number(), to: v.optional(v.string()) })");

    expect(docsEvents()).toMatchObject({ status: 1, errors: expect.stringContaining("data.id: type narrowed") });
  });
});
