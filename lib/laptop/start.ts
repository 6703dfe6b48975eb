import { dirname, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { allServices, type Services } from "./all-services.ts";
import { readAssembly } from "./assembly/assembly.ts";
import { selectStacks } from "./assembly/select-stacks.ts";
import { Chaos } from "./chaos/chaos.ts";
import { Interference } from "./chaos/interference.ts";
import type { Cloud, CloudOptions } from "./cloud.ts";
import { compileLate } from "./compiler.ts";
import { ResourceHandlers } from "./cloudformation/handlers.ts";
import { provision } from "./cloudformation/provision.ts";
import type { MissingResource } from "./cloudformation/resource.ts";
import { Authorizer } from "./gateway/authorizer.ts";
import { Calls } from "./gateway/calls.ts";
import { Directory } from "./gateway/directory.ts";
import { Gateway } from "./gateway/gateway.ts";
import { handleChaos, isChaosPath } from "./gateway/pages/chaos.ts";
import { InspectionPages } from "./gateway/pages/inspection.ts";
import { access } from "./iam/access.ts";
import { Iam } from "./iam/iam.ts";
import type { AnswerCall, CloudContext } from "./services/context.ts";
import { startTables, type TableEngine } from "./services/dynamodb/engine/engine.ts";
import { HandOver } from "./services/hand-over.ts";
import type { Service } from "./services/service.ts";
import { ActivityLog } from "./shared/activity.ts";
import { Changes } from "./shared/changes.ts";
import { Clock } from "./shared/clock.ts";
import { openKept } from "./shared/persistence/kept-database.ts";
import { claimPersistFolder, type PersistFolder } from "./shared/persistence/persist-folder.ts";
import { cloudStatus } from "./status.ts";

/** Where emulators are looked for by default. */
const DEFAULT_PORT = 4566;

/**
 * Runs a cloud assembly: starts the engines and the gateway, creates the templates' resources, and begins to feed the functions.
 *
 * @throws CloudError in one line for what its user can mend: a port in use, a missing parameter, a broken assembly.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  compileLate();
  const starting = new CloudStart(options);
  try {
    return await starting.run();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

/** A start in progress: what has been started by now, so that it can be stopped again. */
class CloudStart {
  readonly #options: CloudOptions;
  readonly #activity = new ActivityLog();
  readonly #changes = new Changes();
  readonly #clock = new Clock();
  readonly #missing: MissingResource[] = [];
  /** Until the gateway is open nothing calls. */
  #answer: AnswerCall = () => Promise.resolve(undefined);
  readonly #ended = Promise.withResolvers<string | undefined>();
  /** Undoes the steps taken, last first. */
  readonly #undo: (() => void | Promise<void>)[] = [];
  #folder: PersistFolder | undefined;
  #stopping: Promise<void> | undefined;
  #death: string | undefined;

  constructor(options: CloudOptions) {
    this.#options = options;
  }

  async run(): Promise<Cloud> {
    const { onProgress = () => {}, parameters = {} } = this.#options;
    onProgress("read the cloud assembly");
    const assembly = selectStacks(readAssembly(this.#options.assembly), this.#options.stacks ?? []);
    const folder = this.#claimFolder();
    const gateway = await Gateway.listen(this.#options.port ?? DEFAULT_PORT);
    this.#undo.push(() => gateway.close());
    onProgress("start the engines");
    const tables = await this.#startTables(folder);
    const context = this.#context(gateway.port, folder);
    const services = await this.#createServices(context, tables, assembly.assets);
    onProgress("create the resources");
    await provision(assembly, {
      handlers: new ResourceHandlers(Object.values(services).map(({ resources }) => resources)),
      given: parameters,
      ssm: (name) => services.ssm.store.get(name)?.value,
      assets: assembly.assets,
      onMissing: (missing) => this.#missing.push(missing),
    });
    folder?.opened();
    this.#reportUnknownPolicies(context.iam);
    onProgress("start the functions");
    return this.#open(gateway, context, services, tables);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#undoAll());
  }

  async #undoAll(): Promise<void> {
    const failures: unknown[] = [];
    this.#folder?.closing();
    for (const undo of this.#undo.toReversed()) {
      try {
        await undo();
      } catch (error) {
        // What remains must end all the same: a process would be left behind, and the folder locked.
        failures.push(error);
      }
    }
    this.#ended.resolve(this.#death);
    if (failures.length > 0) throw failures[0];
  }

  #claimFolder(): PersistFolder | undefined {
    if (this.#options.persist === undefined) return undefined;
    const folder = claimPersistFolder(this.#options.persist);
    this.#folder = folder;
    this.#undo.push(() => folder.release());
    return folder;
  }

  /** What services keep, beside what has its own files. */
  #openDatabase(folder: PersistFolder): DatabaseSync {
    const database = openKept(folder.path("cloud.sqlite"));
    this.#undo.push(() => database.close());
    return database;
  }

  async #startTables(folder: PersistFolder | undefined): Promise<TableEngine> {
    const { dynamodb } = this.#options;
    const tables = await startTables({ folder, endpoint: dynamodb, onDeath: (reason) => this.#onDeath(reason) });
    this.#undo.push(() => tables.stop());
    return tables;
  }

  #context(port: number, folder: PersistFolder | undefined): CloudContext {
    const iam = new Iam(this.#options.iam ?? "enforce", this.#activity);
    return {
      port,
      folder,
      iam,
      clock: this.#clock,
      activity: this.#activity,
      changes: this.#changes,
      handOver: new HandOver(iam.mayHandOver),
      answer: (request, hangUp) => this.#answer(request, hangUp),
      database: folder && this.#openDatabase(folder),
    };
  }

  async #createServices(context: CloudContext, tables: TableEngine, assets: ReadonlyMap<string, string>): Promise<Services> {
    const { assembly, parameters = {}, secrets = {} } = this.#options;
    const services: Services = await allServices(context, {
      tables: tables.transport,
      parameters,
      secrets,
      lambda: { assembly, assets, projects: [dirname(resolve(assembly)), process.cwd()] },
    });
    for (const service of Object.values<Service>(services)) {
      context.handOver.add(service);
      this.#undo.push(() => service.stop?.());
    }
    return services;
  }

  #reportUnknownPolicies({ control, policies }: Iam): void {
    if (control.mode === "off") return;
    for (const { source, consequence } of policies.unknown) {
      const { stack, logicalId, type } = source;
      this.#missing.push({ stack, logicalId, type, consequence });
    }
  }

  async #open(gateway: Gateway, context: CloudContext, services: Services, tables: TableEngine): Promise<Cloud> {
    const { iam } = context;
    const all = Object.values<Service>(services);
    const startedAt = Date.now();
    const chaos = new Chaos((line) => this.#activity.notice(line));
    const calls = new Calls(new Directory(all), new Authorizer(iam), new Interference(chaos), this.#changes.notify);
    this.#answer = (request, hangUp) => calls.answer(() => Promise.resolve(request), hangUp);
    const status = () =>
      cloudStatus({
        endpoint: gateway.endpoint,
        startedAt,
        services: all,
        missing: this.#missing,
      });
    const pages = new InspectionPages(
      { status, ...Object.fromEntries(all.flatMap(({ pages: its = {} }) => Object.entries(its))) },
      this.#activity,
    );
    gateway.open(calls, (request, response) =>
      isChaosPath(request.url ?? "") ? handleChaos(chaos, request, response) : pages.handle(request, response),
    );
    for (const service of all) await service.start?.();
    const remaining = () => [...calls.remaining(), ...all.flatMap((service) => service.remaining?.() ?? [])];
    const { workload } = services.lambda;
    return {
      endpoint: gateway.endpoint,
      clock: this.#clock,
      activity: this.#activity,
      missing: this.#missing,
      functions: workload,
      queues: services.sqs,
      iam: {
        get callers() {
          return iam.callers.roles;
        },
        get accesses() {
          return iam.control.seen;
        },
        credentialsOf: (functionOrRole) => iam.callers.credentialsOf(functionOrRole),
        allows: (caller, action, resource) =>
          iam.control.allows(
            typeof caller === "string" ? iam.callers.named(caller) : { kind: "service", ...caller },
            access(action, resource),
          ),
      },
      mailbox: services.ses,
      tableProcess: tables.process,
      status,
      settled: (timeoutMilliseconds) => this.#changes.untilNothing(remaining, timeoutMilliseconds),
      skipWaits: () => all.forEach((service) => service.skipWaits?.()),
      ended: this.#ended.promise,
      stop: () => this.stop(),
    };
  }

  #onDeath(reason: string): void {
    this.#death = reason;
    this.#activity.notice(reason);
    void this.stop();
  }
}
