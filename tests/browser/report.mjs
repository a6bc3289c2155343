// Looks at a report.html in a real browser and says, one line a test, `ok NAME` or `not ok NAME: why`.
// node report.mjs REPORT.html RUN_FOLDER MODULES_FOLDER BROWSER
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , report, run, modules, executablePath] = process.argv;
const require = createRequire(modules + '/package.json');
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const views = ['monday', 'forecast', 'pipeline', 'stagnation', 'funnel', 'sources', 'waterfall', 'evidence'];
const address = 'file://' + report;

// The simple CSV of our own outputs: names with commas are quoted.
function table(name) {
  const [head, ...lines] = readFileSync(`${run}/${name}.csv`, 'utf8').trim().split('\n').map((line) => {
    const cells = [];
    for (const match of line.matchAll(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)) {
      cells.push(match[1].replace(/^"|"$/g, '').replaceAll('""', '"'));
      if (match[2] === '') break;
    }
    return cells;
  });
  return lines.map((cells) => Object.fromEntries(head.map((key, i) => [key, cells[i]])));
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function opened(options, work) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || faults.push('request of ' + request.url()));
  await page.goto(address, { waitUntil: 'commit' });
  if (options.javaScriptEnabled !== false) await page.waitForSelector('html[data-ready=yes]');
  await work(page);
  await context.close();
  expect(faults.length === 0, faults.join('; '));
}

function expect(holds, why) {
  if (!holds) throw new Error(why);
}
function same(got, expected, what) {
  expect(JSON.stringify(got) === JSON.stringify(expected), `${what}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`);
}
async function shown(page) {
  return Number((await page.locator('#pipeline-live [role=status]').innerText()).split(' ')[0].replaceAll(',', ''));
}

const tests = {
  async every_view_is_drawn_and_none_is_wider_than_the_page() {
    for (const width of [1280, 390]) {
      await opened({ viewport: { width, height: 900 } }, async (page) => {
        for (const view of views) {
          await page.locator(`nav a[href="#${view}"]`).click();
          await page.locator(`#${view}.shown h1`).waitFor();
          same(await page.locator('.view.shown').count(), 1, 'views shown at ' + view);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(over <= 0, `${view} is ${over} pixels wider than ${width}`);
        }
      });
    }
  },
  async without_scripts_every_view_stands_in_the_page() {
    await opened({ javaScriptEnabled: false }, async (page) => {
      for (const view of views) {
        expect(await page.locator(`#${view}`).isVisible(), view + ' is hidden');
        expect((await page.locator(`#${view}`).innerText()).length > 40, view + ' says nothing');
      }
      expect(!(await page.locator('#pipeline-live').isVisible()), 'controls without a script');
      expect((await page.locator('#pipeline tbody tr').count()) > 5, 'no list of deals');
    });
  },
  async filters_and_search_count_what_the_tables_say() {
    const deals = table('scores');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      same(await shown(page), deals.length, 'all deals');
      for (const [label, key] of [['Stage', 'stage'], ['Stagnation', 'stagnation'], ['Currency', 'currency']]) {
        const box = page.locator(`#pipeline-live select[aria-label="${label}"]`);
        if (!(await box.count())) continue;
        for (const value of new Set(deals.map((deal) => deal[key]))) {
          await box.selectOption(value);
          same(await shown(page), deals.filter((deal) => deal[key] === value).length, `${key} ${value}`);
        }
        await box.selectOption('');
      }
      const id = deals[Math.floor(deals.length / 2)].deal_id;
      await page.locator('#pipeline-live input[type=search]').fill(id);
      same(await shown(page), deals.filter((deal) => Object.values(deal).slice(0, 5).join('\n').includes(id)).length, 'search');
    });
  },
  async a_heading_sorts_and_the_board_has_every_stage() {
    const deals = table('scores');
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      await page.locator('#pipeline-live th button', { hasText: 'Score' }).click();
      const top = Math.max(...deals.map((deal) => Number(deal.score)));
      const place = await page.locator('#pipeline-live th').allInnerTexts();
      const column = place.findIndex((text) => text.startsWith('Score'));
      const first = await page.locator('#pipeline-live tbody tr').first().locator('td').nth(column).innerText();
      same(Number(first), top, 'highest score');
      await page.getByRole('button', { name: 'Board' }).click();
      same(await page.locator('#pipeline-live .lane').count(), new Set(deals.map((deal) => deal.stage)).size, 'lanes');
    });
  },
  async a_deal_opens_and_back_leads_to_the_list() {
    await opened({}, async (page) => {
      await page.locator('nav a[href="#pipeline"]').click();
      const link = page.locator('#pipeline-live tbody a').first();
      const id = await link.innerText();
      await link.click();
      await page.locator('#deal.shown').waitFor();
      expect((await page.locator('#deal').innerText()).includes(id), 'the page of another deal');
      await page.goBack();
      await page.locator('#pipeline.shown').waitFor();
    });
  },
  async a_node_has_an_address_and_the_numbers_of_its_rows() {
    const rows = table('forecast').filter((row) => row.level === 'team' && row.basis === 'base');
    const node = rows[0]?.node;
    if (!node) return;
    await opened({}, async (page) => {
      await page.evaluate((node) => { location.hash = 'forecast/team/' + encodeURIComponent(node); }, node);
      await page.locator('#forecast.shown #forecast-live h2').waitFor();
      const text = await page.locator('#forecast-live').innerText();
      const period = await page.locator('#forecast-live tbody th').first().innerText();
      const won = Number(rows.find((row) => row.node === node && row.period === period).won);
      expect(text.includes(Math.round(won).toLocaleString('en-US')), `${period}: won ${won} is not shown`);
    });
  },
  async nothing_serious_is_found_by_axe_in_light_and_dark() {
    for (const colorScheme of ['light', 'dark']) {
      await opened({ colorScheme, bypassCSP: true }, async (page) => {
        await page.evaluate(axe);
        for (const view of views) {
          await page.evaluate((view) => { location.hash = view; }, view);
          await page.locator(`#${view}.shown`).waitFor();
          const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
          const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
          const words = serious.map((one) => `${one.id} at ${one.nodes[0].target}`);
          expect(words.length === 0, `${colorScheme} ${view}: ${words.join(', ')}`);
        }
      });
    }
  },
};

for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log('ok ' + name);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error.message).split('\n')[0]}`);
  }
}
await browser.close();
