// Makes the pictures of README.md from a report.html: `node pictures.mjs REPORT.html FOLDER MODULES_FOLDER BROWSER`.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [, , report, folder, modules, executablePath] = process.argv;
const { chromium } = createRequire(resolve(modules, 'package.json'))('playwright-core');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function picture(name, address, colorScheme, height) {
  const context = await browser.newContext({ viewport: { width: 1200, height }, colorScheme });
  const page = await context.newPage();
  await page.goto('file://' + resolve(report) + '#' + address, { waitUntil: 'commit' });
  await page.waitForSelector('html[data-ready=yes]');
  await page.screenshot({ path: `${folder}/${name}.png` });
  await context.close();
}

await picture('monday', 'monday', 'light', 900);
await picture('forecast', 'forecast', 'light', 560);
await picture('deal', 'deal/' + (process.env.DEAL || 'D00001681'), 'light', 900);
await picture('stagnation', 'stagnation', 'dark', 760);
await browser.close();
