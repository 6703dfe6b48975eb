import { MoveTask, type MoveTaskOptions } from "./move-task.ts";

/** How many tasks of a queue are listed: SQS API reference, ListMessageMoveTasks. */
const KEPT = 10;

/** The move tasks of each queue, the last one first. They end with the process. */
export class MoveTasks {
  readonly #tasks = new Map<string, MoveTask[]>();

  of(sourceArn: string): readonly MoveTask[] {
    return this.#tasks.get(sourceArn) ?? [];
  }

  start(options: MoveTaskOptions): MoveTask {
    const task = new MoveTask(options);
    this.#tasks.set(task.sourceArn, [task, ...this.of(task.sourceArn)].slice(0, KEPT));
    task.run();
    return task;
  }

  /** Ends those that run. */
  close(): void {
    for (const task of [...this.#tasks.values()].flat()) if (task.status === "RUNNING") task.end("CANCELLED");
  }
}
