// Holds the result of a benchmark against limits and keeps both as the result of an acceptance line.
//
//   judge.mjs RESULT.json TO.json "wer<=0.06 impaired_wer<=wer+0.02 memory_growth_*<=0.05"
//
// The left side of a limit is a metric, or the beginning of some with a star; the right side a number, a metric, or a metric
// plus a number. A run that the benchmark itself calls void does not pass.
//
//   judge.mjs --log OUTPUT TO.json STATUS
//
// Keeps what tests logged, and whether they passed.
import { readFileSync, writeFileSync } from "node:fs";

const envelope = (passed) => ({
  issue: Number(process.env.PART_ISSUE),
  line: Number(process.env.PART_LINE),
  name: process.env.PART_NAME,
  passed,
  at: new Date().toISOString(),
  commit: process.env.TWOMBLY_COMMIT,
});
const keep = (path, content) => writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);

if (process.argv[2] === "--log") {
  const [output, path, status] = process.argv.slice(3);
  const lines = readFileSync(output, "utf8").split("\n");
  keep(path, { ...envelope(status === "0"), log: lines.filter((line) => /^ {4}\S+_test\.go:|^--- |^ok |^FAIL/.test(line)) });
  process.exit(0);
}

const [from, to, text] = process.argv.slice(2);
const result = JSON.parse(readFileSync(from, "utf8"));
const metrics = result.metrics;
const value = (term) => (term in metrics ? metrics[term] : Number(term));

const limits = text.split(" ").flatMap((limit) => {
  const [left, right] = limit.split("<=");
  const most = right.split("+").reduce((sum, term) => sum + value(term), 0);
  const names = left.endsWith("*")
    ? Object.keys(metrics).filter((name) => name.startsWith(left.slice(0, -1)))
    : [left];
  if (names.length === 0) return [{ limit, metric: left, got: null, most, held: false }];
  return names.map((metric) => ({ limit, metric, got: metrics[metric] ?? null, most, held: metrics[metric] <= most }));
});
const passed = limits.every((one) => one.held) && !result.quiet?.void;
keep(to, { ...envelope(passed), limits, result: { ...result, detail: undefined } });
for (const one of limits) console.log(`${one.held ? "held" : "MISSED"}  ${one.metric} = ${one.got}, at most ${one.most}`);
if (result.quiet?.void) console.log(`void: ${result.quiet.why}`);
process.exit(passed ? 0 : 1);
