/** Tasks for tests of the queue. */
import type { Priority } from '../../../../supervisor/contract/validating.js';
import { READY_QUEUE_RULES, ReadyQueue, type ReadyTask } from '../../../../supervisor/scheduler/ready-queue.js';

let count = 0;

export function task(priority: Priority, changes: Partial<ReadyTask> = {}): ReadyTask {
  return {
    id: `t${count++}`,
    validator: 'v',
    priority,
    sessionId: 's',
    deadlineAtMs: 60_000,
    enqueuedAtMs: 0,
    ...changes,
  };
}

export function queueOf(...tasks: ReadyTask[]): ReadyQueue<ReadyTask> {
  const queue = new ReadyQueue<ReadyTask>(READY_QUEUE_RULES);
  for (const one of tasks) queue.push(one, one.enqueuedAtMs);
  return queue;
}

export function popAll(queue: ReadyQueue<ReadyTask>, nowMs = 0): ReadyTask[] {
  const popped: ReadyTask[] = [];
  for (let { task } = queue.pop(nowMs); task !== undefined; { task } = queue.pop(nowMs)) popped.push(task);
  return popped;
}
