// Whether a machine did nothing but what is measured: the processor time of everything but this process and its descendants (Linux).

import { readdirSync, readFileSync } from "node:fs";

/** The most that others may use, in cores. */
const LIMIT = 0.05;
const TICKS = 100;

/** Processor time in seconds: of the whole machine, and of this process with all that it started. */
function spent() {
  const [, user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8")
    .split("\n")[0]
    .split(/\s+/)
    .map(Number);
  const processes = new Map();
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1].split(" ").map(Number);
      // After the name: state, parent, … , utime, stime, and the same of children that have ended.
      processes.set(Number(id), { parent: fields[1], ticks: fields[11] + fields[12] + fields[13] + fields[14] });
    } catch {
      // it has ended
    }
  }
  const ours = (id) => id === process.pid || (processes.has(id) && ours(processes.get(id).parent));
  let own = 0;
  for (const [id, { ticks }] of processes) if (ours(id)) own += ticks;
  return { all: (user + nice + system + irq + softirq) / TICKS, own: own / TICKS, at: performance.now() / 1000 };
}

/** Begins to watch; what it returns ends that, and says how many cores others used. */
export function watchProcessor() {
  const before = spent();
  return () => {
    const after = spent();
    const outside = Math.max(0, (after.all - before.all - (after.own - before.own)) / (after.at - before.at));
    return { quiet: outside <= LIMIT, outside_cores: Math.round(outside * 1000) / 1000 };
  };
}
