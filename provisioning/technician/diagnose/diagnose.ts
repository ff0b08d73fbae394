import { CLOUD_USAGE } from '../cloud/cloud-flags.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { readFlags } from '../flags.js';
import type { Output } from '../output.js';
import { READER_USAGE } from '../reader/reader-flags.js';
import { ORDER_USAGE } from '../tags/permit.js';
import { ADVICE, isDiagnosisCode } from './advice.js';
import { DIAGNOSE_NAMES, DiagnoseFlagsSchema } from './diagnose-flags.js';
import { examine } from './examine.js';
import type { Finding, Found, Step } from './finding.js';

/** Finds out why a hub is not online. */
export const diagnose: Command = {
  summary: 'finds out, step by step, why a hub is not online',
  usage: `[--hub URL] [--cloud URL] [--iot-endpoint HOST] [more]

  --hw-id ID              which hub (the one whose tag lies on the reader, or the one at --hub)
  --hub URL               its page in the household's network, such as http://192.168.1.20:8080
  --iot-endpoint HOST     the broker, with --iot-port N (8883) and --iot-ca FILE
  --claim-cert FILE       the claim certificate, with --claim-key FILE
  --data-dir DIR          on the hub itself: its data folder
  --no-tag                do not look for a tag
  --keys FILE             the allow list of signing keys (signer-keys.json)
${CLOUD_USAGE}${ORDER_USAGE}${READER_USAGE.replace('(30)', '(0)')}`,
  run: async (argv, tool) => {
    const { flags } = readFlags(argv, DIAGNOSE_NAMES, DiagnoseFlagsSchema);
    let cause: Finding | undefined;
    for await (const [step, found] of examine(flags, tool)) {
      const finding = findingOf(step, found);
      tell(finding, tool.output);
      if (finding.status === 'failed') cause ??= finding;
    }
    const words = cause === undefined ? 'nothing that was looked at has failed' : causeWords(cause);
    tool.output.result({ ok: cause === undefined, event: 'cause', cause: cause ?? null }, words);
    return cause === undefined ? EXIT.done : EXIT.failed;
  },
};

function findingOf(step: Step, found: Found): Finding {
  if (found.status === 'ok') return { step, ...found, code: 'ok', advice: null };
  const advice = 'advice' in found ? found.advice : isDiagnosisCode(found.code) ? ADVICE[found.code] : null;
  return { step, status: found.status, code: found.code, message: found.message, advice };
}

function tell(finding: Finding, output: Output): void {
  const { step, status, code, message } = finding;
  const what = status === 'ok' ? message : `${code}: ${message}`;
  const words = `${status.padEnd(8)}${step.padEnd(18)} ${what}`;
  output.result({ ok: status !== 'failed', event: 'step', ...finding }, words);
}

function causeWords({ step, code, advice }: Finding): string {
  return `\nfirst cause: ${step}, ${code}\n  ${advice ?? 'see the README, It does not work'}`;
}
