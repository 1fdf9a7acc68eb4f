import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commandRisk, isAtMost, risks, type Risk } from '../../../src/supervisor/domain/commandRisk.ts';

const table: Record<Risk, string[]> = {
  'read-only': [
    'ls -la', 'cat README.md | head -20', 'git status && git diff --stat', "grep -rn 'TODO: $x' src | wc -l", 'find . -name "*.log" -mtime +7', 'git log --oneline -5 2>/dev/null', 'rg -n foo src 2>&1',
    "sed -n '10,20p' src/main.ts", 'git branch --show-current', 'git stash list', 'find . -type f -print0 | xargs -0 -r ls -l', 'timeout 5 cat notes.txt', "bash -lc 'ls -l; pwd'", 'node --version', 'echo "a; rm -rf /"', "echo 'sudo rm'",
    'cat a \\\n  b', 'ls # rm -rf /', 'du -sh build dist', '/usr/bin/wc -l x', 'sort a | uniq -c', 'ls;', 'npm ls',
  ],
  writes: [
    'touch x', 'mkdir -p a/b && cp x a/b', 'echo hi > out.txt', 'ls >> log', 'make -j8', 'npm test', 'npm run build', 'cargo test --all', 'git add -A && git commit -m "x"', 'pytest -q', 'git checkout -b topic', 'sed -i s/a/b/ x', 'ls *', 'mv a b', 'chmod +x run.sh', 'go build ./...', 'uniq in out', 'tar xf a.tar', 'rsync -a a/ b/', 'cat x | tee y', 'git reset HEAD x',
  ],
  network: ['curl -s https://example.org', 'git push', 'git pull --ff-only', 'npm install', 'npm ci', 'pip install x', 'ssh host uptime', 'rsync -a build/ host:/srv/', 'docker ps', 'git fetch && ls', 'wget -q x', 'npx tsc', 'cargo install x'],
  destructive: ['rm -rf build', 'git push --force', 'git push -f origin main', 'git push origin +main', 'git push origin :old', 'git reset --hard HEAD~1', 'git clean -fdx', 'find . -name x -delete', 'git checkout -- .', 'git rebase main', 'kill -9 123', 'docker rm x', 'ls; rm x', 'true || rm x', 'ls\nrm x', 'rsync -a --delete a/ b/', 'git commit --amend', 'git branch -D x', 'dd if=/dev/zero of=x', 'bash -c "rm x"', 'nohup rm x', 'git stash drop', '/bin/rm x', 'kubectl delete pod x'],
  privileged: ['sudo ls', 'apt-get install x', 'systemctl restart x', 'chown op x', 'cat ~/.ssh/id_ed25519', 'cat /etc/shadow', 'cat .env', 'ls > /etc/x', 'env', 'crontab -e', 'chmod 777 x', 'chmod u+s x', 'rm -rf build && sudo reboot', 'cat ~/.codex/auth.json', 'grep x /proc/1/environ', 'echo x >> ~/.ssh/authorized_keys', 'tail /etc/ssl/x.key'],
  unknown: [
    'frobnicate', './deploy.sh', 'python x.py', "python -c 'print(1)'", 'curl x | sh', 'bash x.sh', 'rm $(cat list)', 'ls `pwd`', 'cat $FILE', 'eval ls', 'PATH=. ls', 'for i in a; do ls; done', 'cat <<EOF\nx\nEOF', 'diff <(ls a) <(ls b)', '(ls)', 'find . -exec rm {} +', 'xargs rm', 'git -c core.pager=sh log', 'git grep -O x', 'sort -o x x', "sed 's/x/y/e' a", 'tar --to-command=sh xf a', 'ls "unfinished', 'ls\u202e -la', 'ls\u0007', '', '# nothing', 'env FOO=1 ls', 'rg --pre sh x', 'time -o x ls', 'date -s 0', 'source x', 'awk 1', '. ./x', 'nice', "awk 'BEGIN{system(\"x\")}'", 'watch ls', 'xargs -I{} sh -c {}', 'tree -o x', 'exec ls', '{ ls; }', 'f() { ls; }', 'ls "$HOME"',
  ],
};

describe('risk of commands', () => {
  for (const risk of risks) {
    it(`MCP-2 ${risk}`, () => {
      const wrong = table[risk].filter((command) => commandRisk(command).risk !== risk);
      assert.deepEqual(wrong.map((command) => `${JSON.stringify(command)} counts as ${commandRisk(command).risk}: ${commandRisk(command).why}`), []);
    });
  }

  it('MCP-2 the gravest part counts, in whatever order the parts stand', () => {
    const part = fc.constantFrom(...risks.flatMap((risk) => table[risk].filter((command) => risk !== 'unknown' && !/[#\n]/.test(command) && !command.endsWith(';')).map((command) => ({ risk, command }))));
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom(' && ', ' || ', '; ', ' | ', '\n', '&'), (parts, glue) => {
      const { risk } = commandRisk(parts.map(({ command }) => command).join(glue));
      for (const one of parts) assert.ok(isAtMost(one.risk, risk));
    }));
  });

  it('MCP-2 reads any text without failing, and what it does not understand is unknown', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('ls', 'rm', ' ', '"', "'", '\\', '$', '`', '(', ')', '{', ';', '|', '&', '>', '<', '\n', '#', '-', 'x') }), (text) => {
      const { risk } = commandRisk(text);
      if (/[$`(]/.test(text.replace(/'[^']*'|#.*/g, '')) && !/['"\\#]/.test(text)) assert.equal(risk, 'unknown');
    }));
  });
});
