// Reads an array of HCL texts as JSON from standard input and prints an array of verdicts of HashiCorp's own parser:
// {"json": …} or {"error": "…"}. Argument 1: the folder whose node_modules has @cdktf/hcl2json.
"use strict";
const path = require("node:path");
const fs = require("node:fs");

const { parse } = require(path.join(path.resolve(process.argv[2]), "node_modules", "@cdktf", "hcl2json"));

async function main() {
  const texts = JSON.parse(fs.readFileSync(0, "utf-8"));
  const verdicts = [];
  for (const text of texts) {
    try {
      verdicts.push({ json: await parse("main.tf", text) });
    } catch (error) {
      verdicts.push({ error: String(error.message ?? error).slice(0, 2000) });
    }
  }
  fs.writeFileSync(1, JSON.stringify(verdicts));
  process.exit(0);
}

main();
