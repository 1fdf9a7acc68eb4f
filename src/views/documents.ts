import * as vscode from 'vscode';

const scheme = 'cockpit-screen';

/** Screens and histories as read-only documents, so that they can be searched and copied without touching the session. */
export class ScreenDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  readonly #closing = vscode.workspace.onDidCloseTextDocument((document) => this.#texts.delete(document.uri.toString()));
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  put(uri: vscode.Uri, text: string): void {
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#closing.dispose();
    this.#changed.dispose();
  }
}

/** Opens a text of a session (`name` is for people) as a document; the same one again when it is opened again. Screens show their end, where the news is. */
export async function showDocument(documents: ScreenDocuments, kind: 'peek' | 'scrollback' | 'explain' | 'doctor', name: string, text: string): Promise<void> {
  const uri = vscode.Uri.from({ scheme, path: `/${name.replaceAll('/', ' ')} ${kind}.txt` });
  documents.put(uri, text);
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Active });
  const end = document.lineAt(document.lineCount - 1).range.end;
  if (kind === 'peek' || kind === 'scrollback') editor.revealRange(new vscode.Range(end, end));
}
