import type { RiskReading } from './commandRisk.ts';

/** A program and its arguments. */
export type Words = readonly string[];

const reading = new Set(
  'ls cat head tail wc grep egrep fgrep pwd echo printf stat file du df which type whoami id uname uptime free nproc date true false test [ diff cmp uniq cut tr column nl basename dirname realpath readlink md5sum sha256sum sha1sum cksum jq ps printenv hostname tac rev fold expand seq sleep nvidia-smi lscpu lsblk tree'.split(' '),
);
/** Options that make a reading program do more. */
const harmfulOptions: Record<string, RegExp> = {
  tree: /^-[a-zA-Z]*o|^--output/, sort: /^-[a-zA-Z]*o|^--(?:output|compress-program)/, date: /^-[a-zA-Z]*s|^--set|^[^+-]/, hostname: /^[^-]|^-[Fb]/, ps: /^[a-z]*e/, 'nvidia-smi': /^-(?!-query|-format|L$|q$|l)/, jq: /^-[a-zA-Z]*i|^--in-place/, file: /^-[a-zA-Z]*C|^--compile/, rg: /^--(?:pre|hostname-bin)/,
};
const writing = new Set('touch mkdir cp mv ln tee patch make gmake ninja cmake tsc eslint prettier black ruff gofmt rustfmt pytest mypy jest vitest mocha tox gcc g++ cc clang rustc javac chmod sed zip unzip tar gzip gunzip'.split(' '));
const networking = new Set('curl wget ssh scp sftp nc ncat telnet ping dig host nslookup traceroute gh hub aws gcloud az kubectl helm docker podman pip pip3 pipx uv npx yarn pnpm bundle gem ansible'.split(' '));
const destroying = new Set('rm rmdir unlink shred truncate dd kill pkill killall wipefs fdisk parted mkswap'.split(' '));
const privileged = new Set('sudo doas su pkexec chown chgrp mount umount systemctl service apt apt-get dpkg yum dnf rpm pacman apk snap brew useradd userdel usermod groupadd passwd visudo iptables nft ufw crontab at reboot shutdown poweroff halt init setcap insmod modprobe sysctl chroot nsenter unshare'.split(' '));

/** The risk of one program with its arguments (the rule table); `unknown` for what is not in it. */
export function programRisk(words: Words): RiskReading {
  const [name = '', ...rest] = words;
  const program = name.replace(/^\/(?:usr\/)?bin\//, '');
  const say = (risk: RiskReading['risk'], what = program): RiskReading => ({ risk, why: what });
  if (program.includes('/')) return say('unknown', `${program} is a program of its own`);
  if (rest.some((word) => word === '--version' || word === '--help') && rest.length === 1) return say('read-only');
  if (privileged.has(program)) return say('privileged');
  if (destroying.has(program) || program.startsWith('mkfs')) return say('destructive');
  switch (program) {
    case 'git':
      return gitRisk(rest);
    case 'find':
      return findRisk(rest);
    case 'sed':
      return rest[0] === '-n' && /^\d+(?:,\d+)?p$/.test(rest[1] ?? '') && rest.slice(2).every((word) => !word.startsWith('-')) ? say('read-only') : sedRisk(rest);
    case 'npm':
      return npmRisk(rest);
    case 'cargo':
      return ['build', 'check', 'test', 'clippy', 'fmt', 'bench', 'doc'].includes(rest[0] ?? '') ? say('writes', `cargo ${rest[0] ?? ''}`) : ['add', 'install', 'fetch', 'update', 'publish'].includes(rest[0] ?? '') ? say('network', `cargo ${rest[0] ?? ''}`) : say('unknown', `cargo ${rest[0] ?? ''}`);
    case 'go':
      return ['build', 'test', 'vet', 'fmt'].includes(rest[0] ?? '') ? say('writes', `go ${rest[0] ?? ''}`) : ['get', 'install', 'mod'].includes(rest[0] ?? '') ? say('network', `go ${rest[0] ?? ''}`) : say('unknown', `go ${rest[0] ?? ''}`);
    case 'rsync':
      if (rest.some((word) => word.startsWith('--del') || word === '--remove-source-files')) return say('destructive', 'rsync that deletes');
      return rest.some((word) => word.includes(':') || /^(?:-e|--rsh)/.test(word)) ? say('network') : say('writes');
    case 'docker':
    case 'podman':
    case 'kubectl':
      return rest.some((word) => /^(?:rm|rmi|prune|delete|kill|down|drain)$/.test(word)) ? say('destructive', `${program} that deletes`) : rest.some((word) => word === '--privileged') ? say('privileged') : say('network');
    case 'chmod':
      return rest.some((word) => /^[0-7]*[2-7][0-7]{3}$|[ugoa]*\+[rwx]*s|777/.test(word)) ? say('privileged', 'chmod that opens it to all') : say('writes');
    case 'tar':
    case 'unzip':
      return rest.some((word) => /^--(?:to-command|use-compress-program|checkpoint-action)|^-I/.test(word)) ? say('unknown', `${program} that runs a program`) : say('writes');
    case 'rg':
    case 'sort':
      return rest.some((word) => harmfulOptions[program]?.test(word)) ? say('unknown', `${program} that runs or writes`) : say('read-only');
    case 'uniq':
      return rest.filter((word) => !word.startsWith('-')).length > 1 ? say('writes') : say('read-only');
    case 'env':
      return rest.length === 0 ? say('privileged', 'env shows what is secret') : say('unknown', 'env with a command');
    default:
      break;
  }
  if (program === 'printenv') return say('privileged', 'printenv shows what is secret');
  if (reading.has(program)) return rest.some((word) => harmfulOptions[program]?.test(word)) ? say('unknown', `${program} with an option that does more`) : say('read-only');
  if (writing.has(program)) return say('writes');
  if (networking.has(program)) return say('network');
  return say('unknown', `${program === '' ? 'nothing' : program} is not in the rules`);
}

const gitReading = new Set(['status', 'log', 'diff', 'show', 'rev-parse', 'ls-files', 'ls-tree', 'blame', 'describe', 'shortlog', 'grep', 'cat-file', 'merge-base', 'rev-list', 'name-rev']);
const gitNetworking = new Set(['fetch', 'pull', 'push', 'clone', 'ls-remote', 'submodule', 'remote', 'lfs']);
const gitDestroying = new Set(['clean', 'rebase', 'filter-branch', 'filter-repo', 'gc', 'prune', 'restore', 'update-ref', 'replace']);

function gitRisk(words: Words): RiskReading {
  const [verb = '', ...rest] = words;
  const say = (risk: RiskReading['risk'], what = `git ${verb}`): RiskReading => ({ risk, why: what });
  if (verb.startsWith('-')) return say('unknown', 'git with options of its own');
  if (rest.some((word) => /^--(?:output|ext-diff|textconv|open-files-in-pager|upload-pack|receive-pack|exec)\b|^-O/.test(word))) return say('unknown', `git ${verb} that runs or writes`);
  if (verb === 'push') return rest.some((word) => /^(?:-f|-d|--force.*|--delete|--mirror|--prune)$|^\+|^:/.test(word)) ? say('destructive', 'git push that overwrites') : say('network');
  if (verb === 'reset') return rest.some((word) => /^--(?:hard|merge|keep)$/.test(word)) ? say('destructive', 'git reset --hard') : say('writes');
  if (verb === 'checkout' || verb === 'switch') return rest.some((word) => /^(?:-f|--force|--discard-changes|--|\.)$/.test(word)) ? say('destructive', `git ${verb} that throws changes away`) : say('writes');
  if (verb === 'branch' || verb === 'tag') {
    if (rest.some((word) => /^(?:-[dDfmMcC]|--delete|--force|--move)$/.test(word))) return say('destructive', `git ${verb} that deletes or moves`);
    return rest.every((word) => /^(?:-a|-r|-v|-vv|-l|--list|--all|--show-current|-n\d*)$/.test(word)) ? say('read-only') : say('writes');
  }
  if (verb === 'stash') return rest[0] === 'list' || rest[0] === 'show' ? say('read-only') : rest[0] === 'drop' || rest[0] === 'clear' ? say('destructive', `git stash ${rest[0]}`) : say('writes');
  if (verb === 'commit') return rest.some((word) => word === '--amend') ? say('destructive', 'git commit --amend') : say('writes');
  if (gitDestroying.has(verb)) return say('destructive');
  if (gitNetworking.has(verb)) return verb === 'remote' && rest.every((word) => word === '-v') ? say('read-only') : say('network');
  if (gitReading.has(verb)) return say('read-only');
  return ['add', 'merge', 'mv', 'init', 'apply', 'cherry-pick', 'revert', 'worktree'].includes(verb) ? say('writes') : say('unknown');
}

function findRisk(words: Words): RiskReading {
  if (words.includes('-delete')) return { risk: 'destructive', why: 'find -delete' };
  const does = words.find((word) => /^-(?:exec|execdir|ok|okdir|fprint0?|fprintf|fls)$/.test(word));
  return does === undefined ? { risk: 'read-only', why: 'find' } : { risk: 'unknown', why: `find ${does}` };
}

/** GNU sed can run commands and write files from within its script. */
function sedRisk(words: Words): RiskReading {
  const scripts = words.filter((word) => !word.startsWith('-'));
  return scripts.some((word) => /(?:^|[;}\s\d/$])[ewrWR](?:\s|$)|\/[gIpm\d]*[ew]/.test(word)) ? { risk: 'unknown', why: 'sed that may run or write' } : { risk: 'writes', why: 'sed' };
}

function npmRisk(words: Words): RiskReading {
  const [verb = ''] = words;
  if (['test', 't', 'run', 'run-script', 'start', 'build'].includes(verb)) return { risk: 'writes', why: `npm ${verb}` };
  if (['ls', 'list', 'outdated', 'view', 'why'].includes(verb)) return { risk: verb === 'view' || verb === 'outdated' ? 'network' : 'read-only', why: `npm ${verb}` };
  return ['install', 'i', 'ci', 'add', 'update', 'audit', 'exec', 'publish'].includes(verb) ? { risk: 'network', why: `npm ${verb}` } : { risk: 'unknown', why: `npm ${verb}` };
}
