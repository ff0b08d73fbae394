import { HardwareError } from '../../hardware/index.js';
import { RenderError } from '../../render/index.js';
import { ProvisioningError } from '../errors.js';
import type { Command, Tool } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { badOption } from './flags.js';

/** Runs one command line to its end; nothing is thrown. */
export async function runTool(argv: readonly string[], tool: Tool, stdout: (text: string) => void): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    stdout(toolUsage());
    return EXIT.done;
  }
  try {
    const command = COMMANDS.get(name);
    if (command === undefined) throw badOption(`there is no command ${name}; inklet-tech --help lists them`);
    if (rest.includes('--help')) {
      stdout(commandUsage(name, command));
      return EXIT.done;
    }
    return await command.run(rest, tool);
  } catch (error) {
    return failed(error, tool);
  }
}

function failed(error: unknown, { output, signal }: Tool): ExitCode {
  if (signal.aborted) {
    output.problem(
      'tech.called-off',
      'called off; what is done is in the journal, and the same command goes on with it',
    );
    return EXIT.calledOff;
  }
  const { code, message } = described(error);
  output.failure(code, message);
  return code === 'tech.bad-option' ? EXIT.usage : EXIT.failed;
}

function described(error: unknown): { code: string; message: string } {
  if (error instanceof ProvisioningError || error instanceof HardwareError || error instanceof RenderError) {
    return { code: error.code, message: error.message };
  }
  return { code: 'tech.internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function toolUsage(): string {
  const width = Math.max(...[...COMMANDS.keys()].map((name) => name.length));
  const lines = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Makes the tags of hubs, provisions them, and finds out why one is not online.

  inklet-tech COMMAND [flags]

${lines.join('\n')}

  inklet-tech COMMAND --help   the flags of a command
  --json                       with every command: one line of JSON for each result on standard output

Exit codes: 0 done; 1 refused or failed; 2 a flag is wrong, nothing was done; 3 some of it is done, and some not, or is
still to be synced; 130 called off by Ctrl-C.
`;
}

function commandUsage(name: string, { summary, usage }: Command): string {
  return `inklet-tech ${name}: ${summary}.\n\n  inklet-tech ${name} ${usage}  --json                  one line of JSON for each result\n  --help                  this text\n`;
}
