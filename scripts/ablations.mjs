// Prints what leaving layers out gives, as a table in Markdown: node scripts/ablations.mjs FOLDER all LAYER…
// The folder holds the results of scripts/ablate.sh, one JSON file each.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...names] = process.argv.slice(2);
const share = (x) => x.toFixed(2).replace(/\.?0+$/, "") || "0";
const whole = (x) => Math.round(x).toLocaleString("en-GB");
const columns = [
  ["R_R", share],
  ["L_R_ms_p50", whole],
  ["L_R_ms_p95", whole],
  ["wait_ms_p50", whole],
  ["I_A", share],
  ["cut_off", share],
  ["R_Y", share],
  ["L_Y_ms_p50", whole],
  ["L_Y_ms_p95", whole],
  ["S_BC", share],
  ["S_VT", share],
  ["S_ND", share],
  ["softer_db_p50", whole],
  ["dropped_tokens_per_used", share],
];

/** A metric with its interval and how many it is of. */
function cell(result, name, show) {
  const value = result.metrics[name];
  if (value === undefined) return "none";
  const interval = result.intervals[name];
  if (!interval) return show(value);
  return `${show(value)} (${show(interval.low)} to ${show(interval.high)}), n ${interval.n}`;
}

const results = names.map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
const titles = names.map((name) => (name === "all" ? "all layers" : `without ${name}`));
console.log(`| metric | ${titles.join(" | ")} |`);
console.log(`| --- |${" --- |".repeat(names.length)}`);
for (const [metric, show] of columns) {
  console.log(`| \`${metric}\` | ${results.map((result) => cell(result, metric, show)).join(" | ")} |`);
}
console.log(`| events, void | ${results.map((r) => `${r.metrics.events}, ${r.metrics.void}`).join(" | ")} |`);
const quiet = ({ quiet: q }) => `${q.void ? "**no**" : "yes"} (${(100 * q.outside_cores).toFixed(1)} % of a core)`;
console.log(`| quiet | ${results.map(quiet).join(" | ")} |`);
const models = new Set(results.flatMap((r) => r.models.map((m) => m.id)));
const { conditions, commit, machine } = results[0];
console.log(
  `\nCommit ${commit}, seed ${conditions.seed}, ${conditions.instant_mind ? "a mind that answers at once" : "the embedded mind"}; ` +
    `${machine.cores} cores of ${machine.processor}; ${[...models].join(", ")}.`,
);
