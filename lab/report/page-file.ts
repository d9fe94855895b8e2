import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEvidence } from '../observe/evidence-folder.ts';
import { draw } from './drawing.ts';
import type { PageData } from './page-data.ts';
import { pageData } from './page-model.ts';
import type { RunResult } from './result.ts';

/** Of the run folder. */
export const REPORT_FILE = 'report.html';

/** Writes report.html into the folder of a finished run, from what lies there. @throws InputError when it holds no evidence */
export async function writeReport(result: RunResult): Promise<string> {
  const recorded = await readEvidence(result.folder);
  const data = pageData(result, recorded, await draw(recorded.evidence.plan.topology));
  const file = join(result.folder, REPORT_FILE);
  await writeFile(`${file}.part`, await reportPage(data));
  await rename(`${file}.part`, file);
  return file;
}

/** The whole page: data, script and style in one file that may load nothing and send nothing. */
export async function reportPage(data: PageData): Promise<string> {
  const [script, style] = await Promise.all([part('report-page.js'), part('report-page.css')]);
  const policy = `default-src 'none'; img-src data:; script-src '${fingerprint(script)}'; style-src '${fingerprint(style)}'`;
  const title = `${data.result.topology}: ${data.result.outcome}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,">',
    `<title>${escapeText(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<noscript><p>${escapeText(title)}. This page shows the run by its own script, which this browser does not run; result.json beside it says the same in text.</p></noscript>`,
    // In JSON a < can only be part of a text, where it may be written as its code: no text can end the element.
    `<script type="application/json" id="run">${JSON.stringify(data).replace(/</g, '\\u003c')}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** As the build wrote it: beside this file's bundle, one folder up from a chunk, or, for sources, in dist. */
async function part(name: string): Promise<string> {
  for (const path of [`./${name}`, `../${name}`, `../../dist/${name}`]) {
    try {
      return await readFile(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} was not built: npm run build makes it`);
}

const fingerprint = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeText = (text: string) => text.replace(/[&<>"]/g, (c) => entities[c]!);
