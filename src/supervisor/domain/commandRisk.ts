import { programRisk, type Words } from './programRisk.ts';
import { parseShell } from './shellWords.ts';

/** What a command may do, from harmless to grave; `unknown` is whatever the rules cannot tell, and ranks above all. */
export const risks = ['read-only', 'writes', 'network', 'destructive', 'privileged', 'unknown'] as const;
export type Risk = (typeof risks)[number];

/** A risk and what it comes from, in a few words for a person. */
export type RiskReading = { risk: Risk; why: string };

/**
 * The risk of a shell text as it was shown, by rules: the gravest of its parts. A convenience and no boundary: what a program does is up to the machine
 * that runs it. Whatever is not plainly known is `unknown`.
 */
export function commandRisk(command: string): RiskReading {
  // What cannot be seen, or turns the reading direction around, is not what it looks like.
  if (/[\p{Cf}\p{Co}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/u.test(command)) return { risk: 'unknown', why: 'characters that cannot be seen' };
  const parsed = parseShell(command);
  if (typeof parsed === 'string') return { risk: 'unknown', why: parsed };
  if (parsed.length === 0) return { risk: 'unknown', why: 'no command' };
  return gravest(parsed.flatMap((part) => [riskOfWords(part.words, part.isOpen), ...part.redirects.map(riskOfRedirect)]));
}

/** Whether a risk is at most the other. */
export function isAtMost(risk: Risk, limit: Risk): boolean {
  return risks.indexOf(risk) <= risks.indexOf(limit);
}

function gravest(readings: RiskReading[]): RiskReading {
  return readings.reduce((worst, next) => (isAtMost(next.risk, worst.risk) ? worst : next), { risk: 'read-only', why: 'only reads' });
}

const secretPath = /(?:^|\/)(?:\.ssh|\.gnupg|\.aws|\.netrc|\.pgpass|\.env(?:\.\w+)?|auth\.json|secrets?(?:\.\w+)?|credentials(?:\.\w+)?|id_(?:rsa|ed25519|ecdsa)|[gs]?shadow)(?:\/|$)|\.pem$|\.key$|^\/proc\/.*environ/u;

function riskOfWords(words: Words, isOpen: boolean): RiskReading {
  const [program = ''] = words;
  const secret = words.find((word) => secretPath.test(word));
  if (secret !== undefined) return { risk: 'privileged', why: `touches ${secret}` };
  const wrapped = unwrapped(words);
  if (typeof wrapped === 'string') return { risk: 'unknown', why: wrapped };
  if (wrapped !== words) return typeof wrapped[0] === 'string' && shells.has(program) ? commandRisk(wrapped[0]) : riskOfWords(wrapped, isOpen);
  const { risk, why } = programRisk(words);
  return isOpen && risk === 'read-only' ? { risk: 'writes', why: `${program} with any file that is there` } : { risk, why };
}

function riskOfRedirect(target: string): RiskReading {
  if (target === '/dev/null' || /^&\d$/.test(target)) return { risk: 'read-only', why: 'thrown away' };
  if (secretPath.test(target)) return { risk: 'privileged', why: `touches ${target}` };
  return /^\/(?:dev|proc|sys|etc|boot|usr|s?bin|lib)/u.test(target) ? { risk: 'privileged', why: `writes ${target}` } : { risk: 'writes', why: `writes ${target}` };
}

const shells = new Set(['sh', 'bash', 'zsh', 'dash']);

/** The command that another program runs; the words themselves where it is none; what is not understood of it as text. For a shell's `-c` the one text that it runs. */
function unwrapped(words: Words): Words | string {
  const [program = '', ...rest] = words;
  if (shells.has(program)) return (rest[0] === '-c' || rest[0] === '-lc') && rest.length === 2 ? [rest[1] ?? ''] : `${program} runs a file or its input`;
  switch (program) {
    case 'time':
    case 'nohup':
      return rest.length > 0 && !rest[0]?.startsWith('-') ? rest : `${program} with options`;
    case 'nice':
      return rest[0] === '-n' && /^\d+$/.test(rest[1] ?? '') ? rest.slice(2) : rest[0]?.startsWith('-') === false ? rest : 'nice with options';
    case 'timeout':
      return /^\d+(?:\.\d+)?[smhd]?$/.test(rest[0] ?? '') && rest.length > 1 ? rest.slice(1) : 'timeout with options';
    case 'xargs': {
      const at = rest.findIndex((word) => !/^-(?:0|r|t|n\d+|P\d+|L\d+)$/.test(word));
      // What comes in becomes arguments, so options too.
      return at >= 0 && !rest[at]?.startsWith('-') && inputIsHarmless.has(rest[at] ?? '') ? rest.slice(at) : 'xargs with a command that its input can change';
    }
    default:
      return words;
  }
}

/** Programs that only read, whatever options come in. */
const inputIsHarmless = new Set(['cat', 'ls', 'wc', 'head', 'tail', 'stat', 'du', 'echo', 'basename', 'dirname', 'realpath', 'md5sum', 'sha256sum']);
