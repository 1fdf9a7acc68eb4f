/**
 * Two native modules of the VS Code server in plain JavaScript (named exports, for it imports them), name → text of its index.js: they come without prebuilds, and compiling them would
 * need a compiler on every machine. What the tests drive (workbench, extension host, terminals) is untouched by them.
 */
export const plainModules: Readonly<Record<string, string>> = {
  // The log files, which a failed journey keeps.
  '@vscode/spdlog': `const fs = require('node:fs');
const path = require('node:path');
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'off'];
class Logger {
  constructor(file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.file = file;
    this.level = 2;
    this.isBare = false;
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.isBare = true; }
  flush() {}
  drop() {}
  write(level, text) {
    if (level < this.level) return;
    const stamp = new Date().toISOString().replace('T', ' ').replace('Z', '');
    fs.appendFileSync(this.file, this.isBare ? text : stamp + ' [' + levels[level] + '] ' + text + '\\n');
  }
}
for (const [level, name] of levels.slice(0, 6).entries()) Logger.prototype[name] = function (text) { this.write(level, text); };
const create = async (name, file) => new Logger(file);
exports.Logger = Logger;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`,
  // Ends an extension host whose server was killed.
  '@vscode/native-watchdog': `exports.start = (pid) => {
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  }, 1000).unref();
};
exports.exit = (code) => process.exit(code);
`,
};
